//! From a method and a path to a route.

use std::sync::Arc;

use http::Method;

use crate::config::Methods;

/// Things by path pattern and method. Patterns are those of [`RouteConfig::path`](crate::RouteConfig::path).
pub(crate) struct Router<T> {
    patterns: matchit::Router<usize>,
    /// By the number in `patterns`.
    places: Vec<Place<T>>,
}

struct Place<T> {
    pattern: String,
    routes: Vec<(Methods, Arc<T>)>,
}

/// What is at a path.
pub(crate) enum Found<'r, 'p, T> {
    /// A route, with the pattern's parameters as they stand in the path.
    Route(&'r Arc<T>, matchit::Params<'r, 'p>),
    /// Routes for other methods, in the form of the header `allow`.
    OtherMethods(String),
    /// Nothing.
    Nothing,
}

impl<T> Default for Router<T> {
    fn default() -> Self {
        Self { patterns: matchit::Router::new(), places: Vec::new() }
    }
}

impl<T> Router<T> {
    /// Adds a route.
    ///
    /// # Errors
    ///
    /// What is wrong with the pattern, or that another route has it.
    pub(crate) fn add(&mut self, pattern: &str, methods: &Methods, route: Arc<T>) -> Result<(), String> {
        if !pattern.starts_with('/') {
            return Err("a path starts with `/`".to_owned());
        }
        if let Some(place) = self.places.iter_mut().find(|place| place.pattern == pattern) {
            if place.routes.iter().any(|(others, _)| overlap(others, methods)) {
                return Err(
                    "another route has this path and one of these methods; remove one of them".to_owned()
                );
            }
            place.routes.push((methods.clone(), route));
            return Ok(());
        }
        self.patterns.insert(pattern, self.places.len()).map_err(|error| match error {
            matchit::InsertError::Conflict { with } => {
                format!("it matches the same paths as `{with}`; change one of them")
            }
            other => format!(
                "{other}; write parameters as `{{name}}`, and `{{*name}}` at the end for all that is left"
            ),
        })?;
        self.places.push(Place { pattern: pattern.to_owned(), routes: vec![(methods.clone(), route)] });
        Ok(())
    }

    pub(crate) fn find<'r, 'p>(&'r self, method: &Method, path: &'p str) -> Found<'r, 'p, T> {
        let Ok(matched) = self.patterns.at(path) else { return Found::Nothing };
        let routes = &self.places[*matched.value].routes;
        match routes.iter().find(|(methods, _)| methods.contain(method)) {
            Some((_, route)) => Found::Route(route, matched.params),
            None => Found::OtherMethods(allowed(routes)),
        }
    }
}

fn overlap(one: &Methods, other: &Methods) -> bool {
    match (one, other) {
        (Methods::These(one), other) => one.iter().any(|method| other.contain(method)),
        (Methods::Any, _) => true,
    }
}

#[cold]
fn allowed<T>(routes: &[(Methods, Arc<T>)]) -> String {
    let names = routes.iter().flat_map(|(methods, _)| match methods {
        Methods::Any => &[][..],
        Methods::These(methods) => methods,
    });
    names.map(Method::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(patterns: &[&str]) -> Router<&'static str> {
        let mut router = Router::default();
        for pattern in patterns {
            let name: &'static str = Box::leak(pattern.to_string().into_boxed_str());
            router.add(pattern, &Methods::These(vec![Method::POST]), Arc::new(name)).unwrap();
        }
        router
    }

    fn find(router: &Router<&'static str>, path: &str) -> Option<String> {
        match router.find(&Method::POST, path) {
            Found::Route(route, params) => {
                let params = params.iter().map(|(name, value)| format!(" {name}={value}"));
                Some(format!("{route}{}", params.collect::<String>()))
            }
            _ => None,
        }
    }

    #[test]
    fn the_most_specific_pattern_wins() {
        let router = router(&["/", "/a/{id}", "/a/b", "/files/{*rest}"]);
        let found = |path| find(&router, path);
        assert_eq!(found("/").as_deref(), Some("/"));
        assert_eq!(found("/a/b").as_deref(), Some("/a/b"));
        assert_eq!(found("/a/7").as_deref(), Some("/a/{id} id=7"));
        assert_eq!(found("/files/x/y").as_deref(), Some("/files/{*rest} rest=x/y"));
        assert_eq!(found("/a"), None);
        assert_eq!(found("/a/7/8"), None);
    }

    #[test]
    fn other_methods_are_named() {
        let mut router = Router::default();
        router.add("/", &Methods::These(vec![Method::POST]), Arc::new(1)).unwrap();
        router.add("/", &Methods::These(vec![Method::PUT, Method::GET]), Arc::new(2)).unwrap();
        assert!(matches!(router.find(&Method::GET, "/"), Found::Route(route, _) if **route == 2));
        assert!(
            matches!(router.find(&Method::DELETE, "/"), Found::OtherMethods(allow) if allow == "POST, PUT, GET")
        );
        assert!(matches!(router.find(&Method::GET, "/x"), Found::Nothing));
    }

    #[test]
    fn patterns_that_mean_the_same_are_refused() {
        let mut router = router(&["/a/{id}"]);
        let mut refusal = |pattern: &str, methods| router.add(pattern, &methods, Arc::new("")).unwrap_err();
        assert!(refusal("/a/{id}", Methods::Any).contains("another route"));
        assert!(refusal("/a/{name}", Methods::Any).contains("`/a/{id}`"));
        assert!(refusal("a", Methods::Any).contains("starts with"));
        assert!(refusal("/{", Methods::Any).contains("{name}"));
    }
}
