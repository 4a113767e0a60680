//! What is in `deploy`: checked, but not used; no image is built here, and no cluster is asked.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cache::Cache;
use crate::toolchain::Python;
use crate::{process, repository};

/// The oldest and the newest Kubernetes that the manifests are for. The former is the first one that can sleep before it stops a container.
const KUBERNETES: [&str; 2] = ["1.30", "1.37"];

/// Says how the other files are put together, and is not known to the cluster.
const KUSTOMIZATION: &str = "kustomization.yaml";

/// Checks the Dockerfile by hadolint, and the manifests by Kubernetes's schemas.
///
/// # Errors
/// When a check fails, or its program cannot be had.
pub(crate) fn check() -> Result<()> {
    let deploy = repository::root().join("deploy");
    let python = Python::set_up(&Cache::open()?, "deploy", &deploy.join("requirements.txt"))?;
    let hadolint = python.packages().join("bin").join("hadolint");
    process::run(
        Command::new(hadolint)
            .args(["--no-color", "--failure-threshold=style", "Dockerfile"])
            .current_dir(&deploy),
    )?;

    let folder = deploy.join("kubernetes");
    let kustomization = fs::read_to_string(folder.join(KUSTOMIZATION))?;
    let mut manifests = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name().into_string().ok().context("a manifest's name is not Unicode")?;
        if name.ends_with(".yaml") && name != KUSTOMIZATION {
            ensure!(kustomization.contains(&format!("- {name}\n")), "{KUSTOMIZATION} does not name {name}");
            manifests.push(name);
        }
    }
    ensure!(!manifests.is_empty(), "{} has no manifests", folder.display());
    for version in KUBERNETES {
        let mut validate = python.command();
        validate.args(["-m", "kubernetes_validate", "--quiet", "--strict", "--kubernetes-version", version]);
        process::run(validate.args(&manifests).current_dir(&folder))?;
    }
    Ok(())
}
