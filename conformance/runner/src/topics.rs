//! The topics, each of which is a test of every runner.

/// Defines a test for each topic, which passes the topic's name to a function, and a test that no topic is missing.
#[macro_export]
macro_rules! test_each_topic {
    ($run:ident) => {
        $crate::test_each_topic! { $run:
            basics config_and_vars go_pdk hazards host_functions http input_output javascript limits loading logs memory own_pdks pdk_guests rust_pdk start_up traps
            wasi
        }
    };
    ($run:ident: $($topic:ident)*) => {
        $(
            #[test]
            fn $topic() {
                $run(stringify!($topic));
            }
        )*

        #[test]
        fn every_topic_has_a_test() {
            let topics = $crate::load(&$crate::cases_dir()).expect("the cases can be read");
            let names: Vec<_> = topics.into_iter().map(|topic| topic.name).collect();
            let mut tested = [$(stringify!($topic)),*];
            tested.sort_unstable();
            assert_eq!(names, tested);
        }
    };
}
