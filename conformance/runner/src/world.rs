//! The surroundings of a case: its web server, its temporary folder, the guests.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::case::Files;
use crate::load::guests_dir;
use crate::server::Server;

/// What the placeholders of a case stand for.
#[derive(Debug)]
pub struct World {
    placeholders: [(&'static str, String); 4],
    folder: TempDir,
    guests: PathBuf,
}

impl World {
    /// A world with an empty temporary folder, which lives as long as the world does.
    ///
    /// # Errors
    ///
    /// The folder cannot be created, or its path or that of the guests is not Unicode.
    pub fn new(server: &Server) -> io::Result<Self> {
        let folder = TempDir::new()?;
        let guests = guests_dir().canonicalize()?;
        let placeholders = [
            ("{http}", server.url()),
            ("{http_other}", server.other_url()),
            ("{tmp}", text_of(folder.path())?),
            ("{guests}", text_of(&guests)?),
        ];
        Ok(Self { placeholders, folder, guests })
    }

    /// A guest's file.
    pub fn guest(&self, name: &str) -> PathBuf {
        self.guests.join(name)
    }

    /// Creates the files of a case in the temporary folder, and the folders that they lie in.
    ///
    /// # Errors
    ///
    /// A file or folder cannot be created.
    pub fn create(&self, files: &Files) -> io::Result<()> {
        for (name, content) in files {
            let path = self.folder.path().join(name);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, content)?;
        }
        Ok(())
    }

    /// Replaces the placeholders in all texts of a value, keys included.
    pub(crate) fn fill_json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => items.iter().map(|item| self.fill_json(item)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| (self.fill(key), self.fill_json(value))).collect()
            }
            other => other.clone(),
        }
    }

    fn fill(&self, text: &str) -> String {
        self.placeholders.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

fn text_of(path: &Path) -> io::Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("the path {} is not Unicode", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::World;
    use crate::server::Server;

    #[test]
    fn placeholders_are_replaced_everywhere() {
        let server = Server::start().unwrap();
        let world = World::new(&server).unwrap();
        let tmp = world.folder.path().to_str().unwrap();
        let filled = world.fill_json(&json!({"{tmp}": ["{http}/a?{http}", 1, {"x": "{\"count\":3}"}]}));
        let url = server.url();
        assert_eq!(filled, json!({tmp: [format!("{url}/a?{url}"), 1, {"x": "{\"count\":3}"}]}));
    }

    #[test]
    fn files_are_created_with_their_folders() {
        let server = Server::start().unwrap();
        let world = World::new(&server).unwrap();
        world.create(&[("a/b.txt".to_owned(), "text".to_owned())].into()).unwrap();
        assert_eq!(std::fs::read_to_string(world.folder.path().join("a/b.txt")).unwrap(), "text");
    }
}
