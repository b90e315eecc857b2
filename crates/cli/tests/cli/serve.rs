//! `serve`: who may come in, and what they get.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::handshake;
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use store::tables::TableKind;

use crate::commands::{home, program, run, stderr};
use crate::history::put;

const SINCE: &str = "2026-11-24T00:00:00.000000+00:00";

/// A `serve` that ends with the test.
struct Serve {
    child: Child,
    /// As in `127.0.0.1:41234`.
    authority: String,
    token: String,
    bearer: String,
}

impl Serve {
    fn start(home: &Path, store: &Path, options: &[&str]) -> Self {
        let program = program(home).get_program().to_owned();
        let mut child = std::process::Command::new(program)
            .env_clear()
            .env("HOME", home)
            .args(["serve", "--store", store.to_str().unwrap()])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.next().unwrap().unwrap();
        let bearer = lines.next().unwrap().unwrap();
        let (authority, token) = address
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once("/?token="))
            .map(|(authority, token)| (authority.to_owned(), token.to_owned()))
            .unwrap();
        let bearer = bearer.strip_prefix("Authorization: ").unwrap().to_owned();
        Self { child, authority, token, bearer }
    }

    /// A request with these headers, and no other but `Host` where it is not among them.
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(&self.authority).await.unwrap();
            let (mut sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            let mut request = Request::builder().method(method).uri(path);
            if !headers.iter().any(|(name, _)| *name == "host") {
                request = request.header("host", &self.authority);
            }
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
            let (parts, body) = sender.send_request(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let body = String::from_utf8(body.to_vec()).unwrap();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("authorization", &self.bearer)], "")
    }

    /// The cookie that the printed address is exchanged for.
    fn cookie(&self) -> String {
        let first = self.send("GET", &format!("/?token={}", self.token), &[], "");
        assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
        assert_eq!(first.headers["location"], "/");
        let cookie = first.headers["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

fn demo_store(home: &Path) -> std::path::PathBuf {
    let store = home.join("demo.db");
    let demo = run(home, &["demo", "--store", store.to_str().unwrap()]);
    assert_eq!(demo.status.code(), Some(0), "{}", stderr(&demo));
    store
}

fn empty_store(home: &Path) -> std::path::PathBuf {
    let store = home.join("empty.db");
    run(home, &["tables", "create", "--store", store.to_str().unwrap()]);
    store
}

#[test]
fn who_was_not_told_the_key_gets_nothing() {
    let home = home();
    let serve = Serve::start(home.path(), &empty_store(home.path()), &[]);
    let nobody = serve.send("GET", "/overview", &[], "");
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert_eq!(nobody.headers["www-authenticate"], "Bearer");
    assert!(nobody.headers.contains_key("content-security-policy"));
    let cookie = serve.cookie();
    let changed = cookie.replace(&cookie[cookie.len() - 4..], "AAAA");
    let other_name = format!("x{cookie}");
    for (headers, expected) in [
        (vec![("cookie", cookie.as_str())], StatusCode::OK),
        (vec![("cookie", &format!("a=b; {cookie}; c=d"))], StatusCode::OK),
        (vec![("cookie", &changed)], StatusCode::UNAUTHORIZED),
        (vec![("cookie", &other_name)], StatusCode::UNAUTHORIZED),
        (vec![("authorization", "Bearer x")], StatusCode::UNAUTHORIZED),
        (vec![("authorization", &serve.token)], StatusCode::UNAUTHORIZED),
        (vec![("authorization", &serve.bearer)], StatusCode::OK),
        // Two are none.
        (
            vec![("authorization", &serve.bearer), ("authorization", "Bearer x")],
            StatusCode::UNAUTHORIZED,
        ),
    ] {
        let answer = serve.send("GET", "/overview", &headers, "");
        assert_eq!(answer.status, expected, "{headers:?} {}", answer.body);
    }
    for path in [format!("/?token={}", serve.token), "/?token=x".to_owned()] {
        let again = serve.send("GET", &path, &[], "");
        assert_eq!(again.status, StatusCode::FORBIDDEN, "{}", again.body);
        assert!(!again.headers.contains_key("set-cookie"));
    }
}

#[test]
fn other_names_and_other_sites_are_refused_whatever_they_know() {
    let home = home();
    let serve = Serve::start(home.path(), &empty_store(home.path()), &["--allow-changes"]);
    let known = ("authorization", serve.bearer.as_str());
    let port = serve.authority.rsplit_once(':').unwrap().1;
    let localhost = format!("localhost:{port}");
    for (headers, expected) in [
        (vec![known, ("host", &localhost)], StatusCode::OK),
        (vec![known, ("sec-fetch-site", "same-origin")], StatusCode::OK),
        (vec![known, ("sec-fetch-site", "none")], StatusCode::OK),
        (vec![known, ("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN),
        (vec![known, ("sec-fetch-site", "same-site")], StatusCode::FORBIDDEN),
        (vec![known, ("host", "rebound.example")], StatusCode::FORBIDDEN),
        (vec![known, ("host", &format!("rebound.example:{port}"))], StatusCode::FORBIDDEN),
        (vec![known, ("host", "127.0.0.1")], StatusCode::FORBIDDEN),
        (vec![known, ("host", "127.0.0.1:1")], StatusCode::FORBIDDEN),
    ] {
        let answer = serve.send("GET", "/overview", &headers, "");
        assert_eq!(answer.status, expected, "{headers:?} {}", answer.body);
    }
    let account = json!({ "accountId": "222222222222",
        "roleArn": "arn:aws:iam::222222222222:role/Reader" });
    let kind = ("content-type", "application/json");
    let add = |headers: &[(&str, &str)]| {
        serve.send("POST", "/target-accounts", headers, &account.to_string())
    };
    assert_eq!(add(&[known, kind, ("origin", "http://evil.example")]).status, 403);
    assert_eq!(add(&[known, ("content-type", "text/plain")]).status, 415);
    assert_eq!(serve.get("/target-accounts").json()["count"], 0);
    let own = format!("http://{}", serve.authority);
    let added = add(&[known, kind, ("origin", &own)]);
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
    assert_eq!(serve.get("/target-accounts").json()["count"], 1);
}

#[test]
fn a_read_only_serve_changes_nothing() {
    let home = home();
    let serve = Serve::start(home.path(), &empty_store(home.path()), &[]);
    let headers = [("authorization", serve.bearer.as_str()), ("content-type", "application/json")];
    for (method, path, body) in [
        ("POST", "/target-accounts", "{\"accountId\":\"222222222222\"}"),
        ("DELETE", "/target-accounts/222222222222", ""),
        ("POST", "/removals/approve", "{\"installation\":true,\"count\":1,\"since\":\"x\"}"),
        ("POST", "/sync", ""),
        ("POST", "/finish-sync", "{\"calls\":[]}"),
    ] {
        let refused = serve.send(method, path, &headers, body);
        assert!(refused.status.is_client_error(), "{path}: {}", refused.body);
    }
    let form = [headers[0], ("content-type", "application/x-www-form-urlencoded")];
    let approve = serve.send("POST", "/pages/removals/approve", &form, "count=1&since=x");
    assert_eq!(approve.status, StatusCode::FORBIDDEN, "{}", approve.body);
}

#[test]
fn every_page_of_the_demo_is_there_and_the_figures_agree() {
    let home = home();
    let store = demo_store(home.path());
    let serve = Serve::start(home.path(), &store, &[]);
    let overview = serve.get("/");
    assert_eq!(overview.status, StatusCode::OK);
    assert_eq!(overview.headers["cache-control"], "no-store");
    assert!(overview.body.contains("Not proven ready."));
    let status = serve.get("/overview").json();
    for (title, verdict, key) in [
        ("Not ready", "NOT_READY", "notReady"),
        ("Unknown", "UNKNOWN", "unknown"),
        ("At risk", "AT_RISK", "atRisk"),
        ("Ready", "READY", "ready"),
    ] {
        let servers = &status["verdicts"][key];
        let figure = format!("data-figure=\"{title}\" data-value=\"{servers}\"");
        assert!(overview.body.contains(&figure), "{figure}");
        let csv = serve.get(&format!("/pages/servers.csv?verdict={verdict}")).body;
        assert_eq!(json!(csv.lines().count() - 1), *servers, "{verdict}");
    }
    for link in links(&overview.body) {
        let page = serve.get(&link);
        assert_eq!(page.status, StatusCode::OK, "{link}: {}", page.body);
    }
    assert_eq!(serve.get("/pages/nothing").status, StatusCode::NOT_FOUND);
    let wrong = serve.get("/pages/servers?verdict=GOOD");
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.body.contains("expected one of NOT_READY"), "{}", wrong.body);
    assert_eq!(serve.get("/pages/servers?colour=red").status, StatusCode::BAD_REQUEST);
    assert_eq!(serve.get("/pages/server?id=s-0").status, StatusCode::NOT_FOUND);
}

/// The addresses that a page links to, without what is after `#`.
fn links(page: &str) -> Vec<String> {
    let links = page.split("href=\"/").skip(1).filter_map(|rest| rest.split('"').next());
    let links = links.map(|link| format!("/{}", link.split('#').next().unwrap_or_default()));
    let mut links: Vec<String> =
        links.map(|link| link.replace("&#38;", "&").replace("&amp;", "&")).collect();
    links.sort();
    links.dedup();
    assert!(links.len() > 20, "{links:?}");
    links
}

#[test]
fn a_removal_is_approved_on_the_page_as_it_was_seen() {
    let home = home();
    let store = empty_store(home.path());
    let place = json!({ "accountId": "222222222222", "region": "us-east-1", "status": "ACTIVE",
        "trouble": "HELD", "removalHeld": { "count": 12, "since": SINCE } });
    put(&store, TableKind::AccountRegionStatus, &[place]);
    let serve = Serve::start(home.path(), &store, &["--allow-changes"]);
    let page = serve.get("/pages/removals").body;
    assert!(page.contains("Let 12 servers of 222222222222 us-east-1 go"), "{page}");
    let form = |count: &str| {
        let since = SINCE.replace('+', "%2B").replace(':', "%3A");
        let body = format!("accountId=222222222222&region=us-east-1&count={count}&since={since}");
        let headers = [
            ("authorization", serve.bearer.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ];
        serve.send("POST", "/pages/removals/approve", &headers, &body)
    };
    let grown = form("11");
    assert_eq!(grown.status, StatusCode::CONFLICT, "{}", grown.body);
    let approved = form("12");
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{}", approved.body);
    assert_eq!(approved.headers["location"], "/pages/removals");
}

#[test]
fn an_address_of_other_machines_is_refused_before_anything_is_read() {
    let home = home();
    let refused = run(home.path(), &["serve", "--listen", "0.0.0.0"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("expected a loopback address"), "{}", stderr(&refused));
    let nothing = run(home.path(), &["serve", "--store", "/nowhere/at.all"]);
    assert!(stderr(&nothing).contains("there is no store at"), "{}", stderr(&nothing));
}
