//! Functions that answer HTTP requests, against the mock of the host.

use plugwright_pdk::json::{Value, json};
use plugwright_pdk::serve::{Request, Response};
use plugwright_pdk::testing::Host;
use plugwright_pdk::{FnResult, Json, plugin_fn};

#[plugin_fn]
pub fn mirror(request: Request) -> FnResult<Response> {
    if let Some(status) = request.query("status") {
        return Ok(Response::new(status.parse()?));
    }
    if request.header("accept") == Some("application/json") {
        let seen = json!({"name": request.param("name"), "body": request.json::<Value>()?});
        return Ok(Response::json(&seen)?);
    }
    let response = match request.text() {
        "" => Response::bytes(request.body()?)?,
        text => Response::text(text),
    };
    Ok(response.with_status(201).with_header("x-a", "1").with_header("x-a", "2"))
}

#[track_caller]
fn answer(mut request: Value) -> Value {
    for field in ["method", "path", "route"] {
        request[field] = "x".into();
    }
    match Host::new().call::<Json<Value>>(mirror, Json(request)) {
        Ok(Json(response)) => response,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn bodies_are_text_or_bytes() {
    let response = answer(json!({"body": "hello"}));
    assert_eq!(response, json!({"status": 201, "headers": {"x-a": ["1", "2"]}, "body": "hello"}));
    let response = answer(json!({"body_base64": "/wA="}));
    assert_eq!(response["body_base64"], "/wA=");
    assert!(Host::new().call::<String>(mirror, r#"{"method": "GET"}"#).is_err());
}

#[test]
fn json_both_ways() {
    let request =
        json!({"params": {"name": "Jane"}, "headers": {"accept": ["application/json"]}, "body": "[1]"});
    let response = answer(request);
    assert_eq!(response["headers"], json!({"content-type": ["application/json"]}));
    assert_eq!(response["body"], r#"{"body":[1],"name":"Jane"}"#);
}

#[test]
fn a_status_alone() {
    assert_eq!(answer(json!({"query": {"status": ["204", "500"]}})), json!({"status": 204, "headers": {}}));
}
