//! A to-do service: its list is in the database that `plugwright.toml` grants it. What clients send is passed to the database as
//! parameters, and never becomes a part of a statement.

use plugwright_pdk::serve::{Request, Response};
use plugwright_pdk::{Error, FnResult, plugin_fn, sql};
use serde::{Deserialize, Serialize};

/// The longest title, in characters.
const MAX_TITLE: usize = 200;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS todo \
                     (id INTEGER PRIMARY KEY, title TEXT NOT NULL, done BOOLEAN NOT NULL DEFAULT FALSE)";

/// Something to do.
#[derive(Deserialize, Serialize)]
struct Todo {
    id: i64,
    title: String,
    done: bool,
}

/// `POST /todos`: adds one, whose title is the body.
#[plugin_fn]
pub fn add(request: Request) -> FnResult<Response> {
    let title = request.text().trim();
    if title.is_empty() || title.chars().count() > MAX_TITLE {
        return Ok(answer(400, &format!("send a title of 1 to {MAX_TITLE} characters")));
    }
    sql::execute(TABLE, ())?;
    let insert = "INSERT INTO todo (title) VALUES ($1) RETURNING id, title, done";
    let added: Option<Todo> = sql::query_one(insert, [title])?;
    Ok(json(&added)?.with_status(201))
}

/// `GET /todos`: all of them, or those with `?search=` in their titles.
#[plugin_fn]
pub fn list(request: Request) -> FnResult<Response> {
    sql::execute(TABLE, ())?;
    let all: Vec<Todo> = match request.query("search") {
        None => sql::query("SELECT id, title, done FROM todo ORDER BY id", ())?,
        Some(words) => sql::query(
            "SELECT id, title, done FROM todo WHERE title LIKE $1 ESCAPE '\\' ORDER BY id",
            [pattern(words)],
        )?,
    };
    Ok(json(&all)?)
}

/// `POST /todos/{id}/done`: marks one as done.
#[plugin_fn]
pub fn done(request: Request) -> FnResult<Response> {
    let Some(id) = id(&request) else { return Ok(no_such_todo()) };
    sql::execute(TABLE, ())?;
    let update = "UPDATE todo SET done = TRUE WHERE id = $1 RETURNING id, title, done";
    match sql::query_one::<Todo>(update, [id])? {
        Some(todo) => Ok(json(&todo)?),
        None => Ok(no_such_todo()),
    }
}

/// `DELETE /todos/{id}`: deletes one.
#[plugin_fn]
pub fn delete(request: Request) -> FnResult<Response> {
    let Some(id) = id(&request) else { return Ok(no_such_todo()) };
    sql::execute(TABLE, ())?;
    match sql::execute("DELETE FROM todo WHERE id = $1", [id])? {
        0 => Ok(no_such_todo()),
        _ => Ok(Response::new(204)),
    }
}

/// The number in the path, if it is one.
fn id(request: &Request) -> Option<i64> {
    request.param("id")?.parse().ok()
}

/// A pattern that finds a text anywhere. What means something in patterns stands for itself.
fn pattern(words: &str) -> String {
    let mut pattern = String::from("%");
    for letter in words.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

fn no_such_todo() -> Response {
    answer(404, "there is nothing to do of that number")
}

fn answer(status: u16, text: &str) -> Response {
    Response::text(format!("{text}\n")).with_status(status)
}

/// JSON that ends its line, as people in terminals like it.
fn json(value: &impl Serialize) -> Result<Response, Error> {
    let text = plugwright_pdk::json::to_string(value)?;
    Ok(Response::text(text + "\n").with_header("content-type", "application/json"))
}
