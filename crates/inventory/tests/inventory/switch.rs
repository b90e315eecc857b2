//! Which of both syncs runs.

use testing::*;

#[tokio::test]
async fn a_wrong_flag_is_refused_by_name() {
    let lab = Lab::with(one_account(1), &[("USE_REFACTORED_INVENTORY_SYNC", "yes")]).await;
    let error = lab.error().await;
    assert!(error.to_string().contains("USE_REFACTORED_INVENTORY_SYNC"), "{error}");
}
