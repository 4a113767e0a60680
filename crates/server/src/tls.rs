//! TLS: certificate and key, which may be renewed while the server runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::config::{Config, ConfigError, TlsConfig};

/// What new connections are encrypted with.
pub(crate) struct Tls {
    current: ArcSwap<ServerConfig>,
    files: TlsConfig,
}

impl Tls {
    /// Reads the files that are configured, if any are.
    ///
    /// # Errors
    ///
    /// When they cannot be read or do not fit together.
    pub(crate) fn of(config: &Config) -> Result<Option<Self>, ConfigError> {
        let Some(tls) = &config.tls else { return Ok(None) };
        let files =
            TlsConfig { certificate: config.resolve(&tls.certificate), key: config.resolve(&tls.key) };
        let current =
            read(&files).map_err(|(field, message)| config.error(&["tls"], None, field, message))?;
        Ok(Some(Self { current: ArcSwap::from_pointee(current), files }))
    }

    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        self.current.load_full()
    }

    /// Reads the files again, and changes nothing yet. This blocks the thread.
    ///
    /// # Errors
    ///
    /// What is wrong with them, as an error of this configuration.
    pub(crate) fn read(&self, config: &Config) -> Result<Arc<ServerConfig>, ConfigError> {
        read(&self.files)
            .map(Arc::new)
            .map_err(|(field, message)| config.error(&["tls"], None, field, message))
    }

    /// Encrypts new connections with this from now on.
    pub(crate) fn renew(&self, renewed: Arc<ServerConfig>) {
        self.current.store(renewed);
    }

    /// The files that it is from.
    pub(crate) fn files(&self) -> [PathBuf; 2] {
        [self.files.certificate.clone(), self.files.key.clone()]
    }
}

fn read(files: &TlsConfig) -> Result<ServerConfig, (&'static str, String)> {
    let unreadable = |field, path: &Path, error: &dyn std::fmt::Display| {
        (
            field,
            format!("`{}` cannot be read as PEM: {error}; check the path and the content", path.display()),
        )
    };
    let failed = |error: &dyn std::fmt::Display| unreadable("certificate", &files.certificate, error);
    let certificates = CertificateDer::pem_file_iter(&files.certificate).map_err(|error| failed(&error))?;
    let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(|error| failed(&error))?;
    if certificates.is_empty() {
        return Err((
            "certificate",
            format!("`{}` holds no certificate; name a PEM file", files.certificate.display()),
        ));
    }
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unreadable("key", &files.key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ("certificate", format!("TLS cannot be set up: {error}")))?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|error| ("key", format!("certificate and key do not fit together: {error}")))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
