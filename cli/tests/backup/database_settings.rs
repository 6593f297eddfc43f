//! The settings of a production database.

use catalyst_cli::postgres_config::{State, configure};

use crate::world::{ask, runtime, world};

#[test]
fn a_production_database_is_set_as_far_as_its_owner_may() {
    let world = world();
    runtime().block_on(async {
        let before = configure(&world.source, false).await.expect("a comparison");
        assert!(
            before.iter().any(|line| line.state == State::Other(None)),
            "{before:?}"
        );
        let set = configure(&world.source, true).await.expect("it is set");
        for line in &set {
            // A plain server lets only a superuser set what is logged; a hosted one lets its owner.
            let refused = [
                "log_min_duration_statement",
                "log_parameter_max_length",
                "track_io_timing",
            ]
            .contains(&line.name);
            let allowed = matches!(line.state, State::Set | State::AsWanted);
            assert!(
                allowed || (refused && line.state == State::Refused),
                "{line}"
            );
        }
        assert_eq!(ask(&world.source, "show work_mem").await, "8MB");
        let again = configure(&world.source, true).await.expect("it is set");
        assert!(
            again.iter().all(|line| line.state != State::Set),
            "{again:?}"
        );
    });
}
