//! The ARN of a role.

use crate::account::is_account_id;

/// The account that owns the role, where `arn` is the ARN of a role.
pub fn role_account(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, "iam", "", account, resource]
            if partition.starts_with("aws")
                && is_account_id(account)
                && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty()) =>
        {
            Some(account)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_arn_of_a_role_names_an_account() {
        assert_eq!(role_account("arn:aws:iam::222222222222:role/path/Name"), Some("222222222222"));
        assert_eq!(role_account("arn:aws-us-gov:iam::222222222222:role/N"), Some("222222222222"));
        for arn in [
            "",
            "arn:aws:iam::222222222222:role/",
            "arn:aws:iam::22:role/Name",
            "arn:aws:sts::222222222222:role/Name",
            "arn:evil:iam::222222222222:role/Name",
        ] {
            assert_eq!(role_account(arn), None, "{arn}");
        }
    }
}
