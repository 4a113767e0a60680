//! Making a namespace's schema and roles, and making sure that the roles can do no more than they should.

use std::sync::Arc;

use postgres_protocol::password::scram_sha_256;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::failures;
use super::frames::Bound;
use super::names::Names;
use super::server::Server;
use crate::sql::Answer;
use crate::{Code, Failure};

/// What a new connection of a role has found out about itself.
#[derive(Debug)]
pub(super) struct Inspection {
    /// The process of the server that serves it.
    pub(super) process: i32,
    /// Whether the schema is there for the role.
    pub(super) is_at_home: bool,
}

/// Looks at what the role of a connection may do.
///
/// # Errors
///
/// `Internal` when it may do more than use its schema: the operator must know, and no plug-in may use it.
pub(super) async fn inspect(client: &Client, names: &Names, read_only: bool) -> Answer<Inspection> {
    let schema = &names.schema;
    let wanted = if read_only { "USAGE" } else { "CREATE" };
    let query = format!(
        "SELECT pg_catalog.pg_backend_pid(), \
         (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls), \
         EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid), \
         pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'), \
         EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname <> '{schema}' \
           AND n.nspname NOT LIKE 'pg\\_%' AND pg_catalog.has_schema_privilege(n.oid, 'CREATE')), \
         EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = '{schema}' \
           AND pg_catalog.has_schema_privilege(n.oid, '{wanted}')) \
         FROM pg_catalog.pg_roles r WHERE r.rolname = CURRENT_USER AND r.rolname = SESSION_USER"
    );
    let messages = client.simple_query(&query).await.map_err(|error| failures::of(&error, None))?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let row = row.ok_or_else(|| Failure::new(Code::Internal, "the server does not know who is connected"))?;
    let is = |column: usize| row.get(column) == Some("t");
    let role = if read_only { &names.reader } else { &names.writer };
    for (column, what) in [
        (1, "is a superuser or may make roles or databases, replicate or pass by row security: ALTER ROLE"),
        (2, "is a member of other roles: REVOKE those"),
        (3, "may make schemas: REVOKE CREATE ON DATABASE"),
        (4, "may make objects in other schemas: REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
    ] {
        if is(column) {
            let message = format!("the role `{role}` of the plug-in's database {what}");
            return Err(Failure::new(Code::Internal, message));
        }
    }
    let process = row.get(0).and_then(|process| process.parse().ok());
    let process = process.ok_or_else(|| Failure::new(Code::Internal, "the server has no process number"))?;
    Ok(Inspection { process, is_at_home: is(5) })
}

/// Makes the schema and the roles, or puts right what is left of them: a plug-in may change its role's password, for one.
///
/// # Errors
///
/// `Unavailable`, or `Internal` when the account may not.
pub(super) async fn provision(server: &Server, names: &Names) -> Answer<()> {
    let connected = server.connect(server.account(), Arc::new(Bound::default())).await;
    let (client, _driver) = connected.map_err(|error| failures::of_account(&error))?;
    let script = script(server, names);
    client.batch_execute(&script).await.map_err(|error| failures::of_provisioning(&error))
}

/// The statements, as one transaction. One host at a time: roles cannot be changed by two.
fn script(server: &Server, names: &Names) -> String {
    let Names { schema, writer, reader } = names;
    let mut script = "BEGIN; SELECT pg_advisory_xact_lock(1886152562); ".to_owned();
    for role in [writer, reader] {
        // The server stores such a verifier as it is: the password itself never travels, and is in no log.
        let login = server.role_password(role).map_or("LOGIN".to_owned(), |password| {
            format!("LOGIN PASSWORD '{}'", scram_sha_256(password.as_bytes()))
        });
        script += &format!(
            "DO $plugwright$ BEGIN \
             IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE \"{role}\"; END IF; \
             END $plugwright$; \
             ALTER ROLE \"{role}\" {login}; ALTER ROLE \"{role}\" RESET ALL; "
        );
    }
    script += &format!(
        "DO $plugwright$ BEGIN \
         IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER) \
         AND NOT pg_has_role(CURRENT_USER, '{writer}', 'MEMBER') THEN \
         EXECUTE 'GRANT \"{writer}\" TO ' || quote_ident(CURRENT_USER); END IF; \
         IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = '{schema}') THEN CREATE SCHEMA \"{schema}\"; END IF; \
         END $plugwright$; \
         GRANT USAGE, CREATE ON SCHEMA \"{schema}\" TO \"{writer}\"; \
         GRANT USAGE ON SCHEMA \"{schema}\" TO \"{reader}\"; \
         ALTER DEFAULT PRIVILEGES FOR ROLE \"{writer}\" IN SCHEMA \"{schema}\" GRANT SELECT ON TABLES TO \"{reader}\"; \
         COMMIT"
    );
    script
}
