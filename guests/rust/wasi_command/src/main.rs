//! An ordinary program, without any PDK: a host runs it by calling `_start`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::{env, error::Error, fs, io};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    for argument in env::args().skip(1) {
        println!("arg: {argument}");
    }
    let variables: BTreeMap<String, String> = env::vars().collect();
    for (name, value) in &variables {
        println!("env: {name}={value}");
    }
    println!("stdin: {}", io::read_to_string(io::stdin())?);
    if let Some(folder) = variables.get("HELLO_DIR") {
        fs::write(Path::new(folder).join("hello.txt"), "hello from a command")?;
    }
    eprintln!("done");
    let code = variables.get("EXIT_CODE").map_or(Ok(0), |code| code.parse())?;
    Ok(ExitCode::from(code))
}
