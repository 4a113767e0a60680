//! What the manifests in `deploy/kubernetes` serve.

use std::path::Path;
use std::time::Duration;

use plugwright_server::Config;

#[test]
fn the_file_of_the_manifests_is_valid_and_fits_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/kubernetes");
    let config = Config::from_file(folder.join("plugwright.toml")).unwrap();
    let deployment = std::fs::read_to_string(folder.join("deployment.yaml")).unwrap();
    assert!(config.listen.ip().is_unspecified(), "probes come from outside of the pod");
    assert!(deployment.contains(&format!("containerPort: {}\n", config.listen.port())));
    assert!(config.admin.unwrap().listen.ip().is_loopback());
    let grace =
        deployment.lines().find_map(|line| line.trim().strip_prefix("terminationGracePeriodSeconds: "));
    let grace = Duration::from_secs(grace.unwrap().parse().unwrap());
    assert!(grace >= config.shutdown_timeout + Duration::from_secs(5), "calls that run would be cut");
}
