//! Encrypted connections. A server that is to be spoken to by TLS has to show a certificate for its name, by somebody who is trusted: one
//! that anybody could have made would keep no listener out.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::percent::decoded;

/// Asks a server of PostgreSQL to speak TLS from now on: the length of the message, and a number that is no version.
const PLEASE: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// It will.
const YES: u8 = b'S';

/// What an address says about encryption.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Wanted {
    /// Whether connections are encrypted.
    pub(super) is_wanted: bool,
    /// Who is trusted to have signed the server's certificate, in a PEM file; those whom the system trusts without.
    pub(super) roots: Option<PathBuf>,
}

impl Wanted {
    /// Takes what is about encryption out of an address, which the client would not understand.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn split_off(url: &str) -> Result<(String, Self), String> {
        let Some((place, query)) = url.split_once('?') else { return Ok((url.to_owned(), Self::default())) };
        let mut wanted = Self::default();
        let mut rest = Vec::new();
        for pair in query.split('&') {
            match pair.split_once('=') {
                // The first two are for those who can do without.
                Some(("sslmode", "disable" | "allow" | "prefer")) => wanted.is_wanted = false,
                Some(("sslmode", "require" | "verify-ca" | "verify-full")) => wanted.is_wanted = true,
                Some(("sslmode", _)) => {
                    return Err("`sslmode` is `disable`, `require` or `verify-full`".to_owned());
                }
                Some(("sslrootcert", "")) => return Err("`sslrootcert` names no file".to_owned()),
                Some(("sslrootcert", file)) => {
                    let file =
                        decoded(file).ok_or("`sslrootcert` is not valid in a URL; write `%` as `%25`")?;
                    wanted.roots = Some(file.into());
                }
                _ => rest.push(pair),
            }
        }
        if wanted.roots.is_some() && !wanted.is_wanted {
            return Err("`sslrootcert` means nothing without `sslmode=verify-full`".to_owned());
        }
        let query = rest.join("&");
        Ok((if query.is_empty() { place.to_owned() } else { format!("{place}?{query}") }, wanted))
    }
}

/// How connections to a server are encrypted.
#[derive(Clone)]
pub(super) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    /// For a server of this name.
    ///
    /// # Errors
    ///
    /// When the host is no name or address, or the certificates of those who are trusted cannot be read.
    pub(super) fn new(host: &str, roots: Option<&Path>) -> Result<Self, String> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| "its host has no valid name")?;
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS cannot be set up: {error}"))?
            .with_root_certificates(trusted(roots)?)
            .with_no_client_auth();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// Encrypts a connection on which nothing was said yet.
    ///
    /// # Errors
    ///
    /// When the server does not speak TLS, or is not who it should be.
    pub(super) async fn encrypt(&self, mut stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        stream.write_all(&PLEASE).await?;
        // One byte and no more: what somebody in between would send besides must not pass for the server's.
        if stream.read_u8().await? != YES {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "the server does not speak TLS"));
        }
        self.connector.connect(self.name.clone(), stream).await
    }
}

fn trusted(file: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let Some(file) = file else {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            return Err("the system trusts nobody; say whom to trust with `sslrootcert=FILE`".to_owned());
        }
        return Ok(roots);
    };
    let wrong = |error: &dyn std::fmt::Display| {
        format!("`{}` cannot be read as certificates in PEM: {error}", file.display())
    };
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| wrong(&error))? {
        roots.add(certificate.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
    }
    if roots.is_empty() { Err(wrong(&"there is none in it")) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::{Tls, Wanted};

    fn split(url: &str) -> Result<(String, bool, Option<String>), String> {
        let (url, Wanted { is_wanted, roots }) = Wanted::split_off(url)?;
        Ok((url, is_wanted, roots.map(|file| file.display().to_string())))
    }

    #[test]
    fn what_is_about_encryption_is_taken_out() {
        let plain = |url: &str| Ok((url.to_owned(), false, None));
        assert_eq!(split("postgres://u@h/d"), plain("postgres://u@h/d"));
        assert_eq!(split("postgres://u@h/d?sslmode=disable"), plain("postgres://u@h/d"));
        assert_eq!(
            split("postgres://u@h/d?a=b&sslmode=require&c=d"),
            Ok(("postgres://u@h/d?a=b&c=d".to_owned(), true, None))
        );
        assert_eq!(
            split("postgres://u@h/d?sslrootcert=%2Fa%20b.pem&sslmode=verify-full"),
            Ok(("postgres://u@h/d".to_owned(), true, Some("/a b.pem".to_owned())))
        );
        for bad in [
            "sslmode=yes",
            "sslrootcert=a.pem",
            "sslmode=require&sslrootcert=",
            "sslmode=require&sslrootcert=%z",
        ] {
            assert!(split(&format!("postgres://u@h/d?{bad}")).is_err(), "`{bad}` was taken");
        }
    }

    #[test]
    fn who_is_trusted_must_be_readable() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ca.pem");
        let refused = || Tls::new("h", Some(&file)).err().expect("nobody to trust");
        assert!(refused().contains("ca.pem"));
        std::fs::write(&file, "no certificate").expect("a file");
        assert!(refused().contains("ca.pem"));
        assert!(Tls::new("no name", None).is_err());
    }
}
