//! How an operation is found, by name or by route, and read with its parameters.

use serde_json::{Map, Value};

use crate::documented::Described;
use crate::failure::{ErrorCode, Failure};

/// Where an operation is over HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// As in `GET`.
    pub method: &'static str,
    /// As in `/target-accounts/{accountId}`; a part in braces is a parameter.
    pub path: &'static str,
}

/// What somebody must be allowed to do to ask for an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// To read the inventory.
    Read,
    /// To change accounts, groups and plans, and to let removals go.
    Write,
    /// To sync.
    Sync,
}

impl Right {
    /// The scope of a token that has it.
    pub fn scope(self) -> &'static str {
        match self {
            Self::Read => "inventory/read",
            Self::Write => "inventory/write",
            Self::Sync => "inventory/sync",
        }
    }
}

/// One operation of a table, before its parameters are known.
pub struct Entry<O> {
    /// As in `get_source_server_inventory`.
    pub name: &'static str,
    /// Where it is over HTTP.
    pub routes: &'static [Route],
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Its parameters, those of a path among them.
    pub parameters: Described,
    /// What it answers over HTTP, and with which status.
    pub answer: (u16, Described),
    pub(crate) read: fn(Map<String, Value>) -> Result<O, Failure>,
}

impl<O> Entry<O> {
    /// The operation with its parameters.
    ///
    /// # Errors
    /// `MISSING_PARAMETER` or `INVALID_PARAMETER`, with the name and what was expected.
    pub fn read(&self, parameters: Map<String, Value>) -> Result<O, Failure> {
        (self.read)(parameters)
    }
}

/// The operations of one function.
pub trait Operation: Sized + 'static {
    /// All of them.
    const TABLE: &'static [Entry<Self>];
    /// What one that is more than a read needs.
    const MORE_THAN_READ: Right;

    /// What a route of one needs: all that is no `GET` does more than read.
    fn right(route: &Route) -> Right {
        if route.method == "GET" { Right::Read } else { Self::MORE_THAN_READ }
    }

    /// The operation of that name.
    ///
    /// # Errors
    /// `INVALID_OPERATION` with the names that there are.
    fn named(name: &str) -> Result<&'static Entry<Self>, Failure> {
        Self::TABLE.iter().find(|entry| entry.name == name).ok_or_else(|| {
            let known: Vec<&str> = Self::TABLE.iter().map(|entry| entry.name).collect();
            let name: String = name.chars().take(100).collect();
            let message =
                format!("unknown operation {name:?}; expected one of {}", known.join(", "));
            Failure::new(ErrorCode::InvalidOperation, message)
        })
    }

    /// The operation of that route, and the parameters that its path holds.
    ///
    /// # Errors
    /// `INVALID_OPERATION` with the methods that the path has.
    fn at(method: &str, path: &str) -> Result<(&'static Entry<Self>, InPath), Failure> {
        let mut allowed = Vec::new();
        for entry in Self::TABLE {
            for route in entry.routes {
                match path_parameters(route.path, path) {
                    Some(parameters) if route.method == method => return Ok((entry, parameters)),
                    Some(_) => allowed.push(route.method),
                    None => {}
                }
            }
        }
        Err(no_route(method, path, &allowed))
    }
}

/// Names and values of the parameters in a path.
pub type InPath = Vec<(String, String)>;

/// The parameters in `path`, or none where it does not fit `pattern`.
fn path_parameters(pattern: &str, path: &str) -> Option<InPath> {
    let mut parameters = Vec::new();
    let mut parts = path.trim_matches('/').split('/');
    for expected in pattern.trim_matches('/').split('/') {
        let part = parts.next()?;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !part.is_empty() => parameters.push((name.to_owned(), part.to_owned())),
            None if part == expected => {}
            _ => return None,
        }
    }
    parts.next().is_none().then_some(parameters)
}

fn no_route(method: &str, path: &str, allowed: &[&str]) -> Failure {
    let shown: String = path.chars().take(100).collect();
    let message = if allowed.is_empty() {
        format!("there is nothing at {shown:?}")
    } else {
        format!("{method:?} is not possible at {shown:?}; {} is", allowed.join(", "))
    };
    Failure::new(ErrorCode::InvalidOperation, message)
}

/// One row per operation: what it does, its variant with the type of its parameters, its name, its
/// routes, the type of its answer, and what answers it. The variant, the table and the match over all
/// variants are made from the row.
macro_rules! operations {
    (
        $(#[$doc:meta])*
        $operations:ident, with $right:ident, answered by ($on:ident: $context:ty, $call:ident: $of_call:ty) {
            $(
                #[doc = $summary:literal]
                $variant:ident($asked:tt: $parameters:ty) = $name:literal
                    at [$($method:ident $path:literal),*]
                    => $shape:ty: $answer:expr,
            )*
        }
    ) => {
        $(#[$doc])*
        pub enum $operations {
            $(#[doc = $summary] $variant($parameters),)*
        }

        impl Operation for $operations {
            const TABLE: &'static [Entry<Self>] = &[$(Entry {
                name: $name,
                routes: &[$(Route { method: stringify!($method), path: $path },)*],
                summary: $summary.trim_ascii(),
                parameters: Described::of::<$parameters>(),
                answer: Described::of_answer::<$shape>(),
                read: |parameters| <$parameters>::read(parameters).map(Self::$variant),
            },)*];
            const MORE_THAN_READ: Right = Right::$right;
        }

        impl $operations {
            /// Does what is asked.
            ///
            /// # Errors
            /// [`Failure`] as in the contract.
            pub async fn answer(
                self,
                $on: $context,
                $call: $of_call,
            ) -> Result<Answer, Failure> {
                match self {
                    $(Self::$variant($asked) => {
                        let answer: Result<$shape, Failure> = $answer;
                        answer.map(Answered::into_answer)
                    })*
                }
            }
        }
    };
}

pub(crate) use operations;
