//! PostgreSQL.

use plugwright_test_servers::Postgres;

#[test]
fn it_keeps_what_it_has_committed() {
    let mut postgres = Postgres::start().unwrap();
    let url = postgres.url();
    postgres.psql("create table t(n int); insert into t values (1), (2)").unwrap();
    postgres.kill().unwrap();
    postgres.psql("select 1").unwrap_err();
    postgres.restart().unwrap();
    assert_eq!(postgres.psql("select n, n + 1 from t order by n").unwrap(), "1|2\n2|3");
    assert_eq!(postgres.url(), url);
    postgres.stop().unwrap();
    postgres.restart().unwrap();
    assert_eq!(postgres.psql("select count(*) from t").unwrap(), "2");
}

#[test]
fn two_know_nothing_of_each_other_and_one_knows_its_user() {
    let open = Postgres::start().unwrap();
    let closed = Postgres::setup().credentials("alice", "secret").setting("max_connections = 7");
    let closed = closed.start().unwrap();
    open.psql("create table t(n int)").unwrap();
    closed.psql("select * from t").unwrap_err();
    let row = closed.psql("select current_user, current_setting('max_connections')").unwrap();
    assert_eq!(row, "alice|7");
    assert!(!closed.log().unwrap().contains("secret"));
    // Who does not know the password is asked for it, and for no other proof.
    let hba = closed.psql("select distinct auth_method from pg_hba_file_rules").unwrap();
    assert_eq!(hba, "scram-sha-256");
}

#[test]
fn nothing_of_it_is_left_outside_of_its_folder() {
    let mut postgres = Postgres::start().unwrap();
    let file = std::fs::read_to_string(postgres.folder().join("data/postmaster.pid")).unwrap();
    let number = file.lines().nth(6).unwrap().split_whitespace().nth(1).unwrap();
    let segments = || {
        let text = std::fs::read_to_string("/proc/sysvipc/shm").unwrap();
        text.lines().filter(|line| line.split_whitespace().nth(1) == Some(number)).count()
    };
    assert_eq!(segments(), 1);
    assert_eq!(postgres.psql("show dynamic_shared_memory_type").unwrap(), "mmap");
    postgres.kill().unwrap();
    assert_eq!(segments(), 1, "the system knows nothing of its end");
    let folder = postgres.folder().to_owned();
    drop(postgres);
    assert_eq!(segments(), 0);
    assert!(!folder.exists());
}
