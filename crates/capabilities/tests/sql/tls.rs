//! PostgreSQL over TLS.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use plugwright_capabilities::sql::{SqlOptions, SqlStore};
use plugwright_capabilities::{Code, Secret};
use plugwright_test_servers::Postgres;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use tempfile::TempDir;

use crate::postgres::PASSWORD;
use crate::support::{Client, grant};

/// Somebody who signs certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// The certificate of this authority.
    file: PathBuf,
}

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let file = folder.join(format!("{name}.pem"));
        fs::write(&file, params.self_signed(&key).expect("a certificate").pem()).expect("a file");
        Self { issuer: Issuer::new(params, key), file }
    }

    /// A server whose certificate is for this name.
    fn server(&self, folder: &Path, name: &str) -> Postgres {
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let write = |file: &str, text: String| {
            let path = folder.join(file);
            fs::write(&path, text).expect("a file");
            // The server takes no key that others may read.
            fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a file of our own");
            path.display().to_string()
        };
        let certificate = write("server.pem", certificate.pem());
        let key = write("server.key", key.serialize_pem());
        Postgres::setup()
            .credentials("host", PASSWORD)
            .setting("ssl = on")
            .setting(format!("ssl_cert_file = '{certificate}'"))
            .setting(format!("ssl_key_file = '{key}'"))
            .start()
            .expect("a server that speaks TLS")
    }
}

/// A plug-in with a database at this address, of which everything but what comes after `?` is the server's.
fn client(server: &Postgres, query: &str) -> Client {
    let url = Secret::new(format!("{}?{query}", server.url()));
    let store = SqlStore::postgres(&url, None, SqlOptions::default()).expect("an address");
    Client::new(store.granted(grant("tls")))
}

#[test]
fn connections_are_encrypted_to_who_is_trusted_alone() {
    let folder = TempDir::new().expect("a folder");
    let (ours, others) = (Authority::new(folder.path(), "ours"), Authority::new(folder.path(), "others"));
    let server = ours.server(folder.path(), "127.0.0.1");
    let trusting = |authority: &Authority, mode: &str| {
        client(&server, &format!("sslmode={mode}&sslrootcert={}", authority.file.display()))
    };
    let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    for mode in ["verify-full", "require"] {
        let mut client = trusting(&ours, mode);
        assert_eq!(client.rows(encrypted, json!([])), json!([[true]]), "{mode}");
        // Neither an authority that nobody named, nor those of the system.
        let failure = trusting(&others, mode).refused("SELECT 1");
        assert_eq!(failure.code, Code::Unavailable, "{mode}: {failure}");
        assert!(failure.message.contains("certificate"), "{mode}: {failure}");
    }
    assert_eq!(client(&server, "sslmode=disable").rows(encrypted, json!([])), json!([[false]]));
    // A statement that hangs is cancelled over TLS as well.
    let endless = "SELECT count(*) FROM generate_series(1, 1000000000000)";
    let mut options = SqlOptions::default();
    options.operation_timeout = std::time::Duration::from_millis(1500);
    options.max_connections = 1;
    let url = format!("{}?sslmode=verify-full&sslrootcert={}", server.url(), ours.file.display());
    let store = SqlStore::postgres(&Secret::new(url), None, options).expect("an address");
    let mut client = Client::new(store.granted(grant("tls")));
    assert_eq!(client.refusal(endless), Code::Timeout);
    assert!((0..100).any(|_| client.step(crate::support::query("SELECT 1", json!([]))).is_ok()));
}

#[test]
fn a_certificate_for_another_name_and_a_server_without_one_are_refused() {
    let folder = TempDir::new().expect("a folder");
    let ours = Authority::new(folder.path(), "ours");
    let elsewhere = ours.server(folder.path(), "elsewhere.example");
    let trusted = format!("sslmode=verify-full&sslrootcert={}", ours.file.display());
    let failure = client(&elsewhere, &trusted).refused("SELECT 1");
    assert!(failure.message.contains("certificate"), "{failure}");
    let failure = client(&crate::postgres::SERVER, &trusted).refused("SELECT 1");
    assert_eq!(failure.code, Code::Unavailable);
    assert!(failure.message.contains("does not speak TLS"), "{failure}");
}
