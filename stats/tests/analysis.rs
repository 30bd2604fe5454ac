//! Experiments from sums to verdicts.

use lotwise_stats::Status;
use lotwise_stats::analysis::{Analysis, Arm, Experiment, Method, Metric, MetricSums, Role, analyse};
use lotwise_stats::decision::{Decision, Reason};
use lotwise_stats::guardrail::{Direction, Margin};
use lotwise_stats::sums::{MeanSums, ProportionSums};

fn metric(key: &str, role: Role, sums: MetricSums) -> Metric {
    Metric {
        key: key.to_owned(),
        role,
        direction: Direction::HigherIsBetter,
        mde_rel: Some(0.05),
        margin: None,
        sums,
        winsor: None,
        running: Vec::new(),
    }
}

fn conversions(arms: &[(u64, u64)]) -> MetricSums {
    MetricSums::Proportion { arms: arms.iter().map(|(n, x)| ProportionSums { n: *n, x: *x }).collect() }
}

/// Two arms of the walkthrough: 1,000 units planned, alpha 0.05, no minimum of days.
fn experiment(arms: &[(u64, u64)]) -> Experiment {
    let names = ["control", "treatment", "third", "fourth"];
    Experiment {
        arms: names
            .iter()
            .zip(arms)
            .map(|(name, (n, _))| Arm { key: (*name).to_owned(), weight: 0.5, exposed: *n })
            .collect(),
        alpha: 0.05,
        target_sample_size: Some(1_000),
        days: 8.0,
        min_days: 7.0,
        metrics: vec![metric("conversion", Role::Primary, conversions(arms))],
        ..Experiment::default()
    }
}

fn verdict(analysis: &Analysis) -> (Decision, Reason) {
    let verdict = analysis.verdict.as_ref().expect("there is a verdict");
    (verdict.decision, verdict.reason)
}

#[test]
fn a_clear_winner_ships_and_the_sentences_say_why() {
    let analysis = analyse(&experiment(&[(500, 60), (510, 150)]));
    assert_eq!(verdict(&analysis), (Decision::Ship, Reason::PrimaryImproved));
    let verdict = analysis.verdict.unwrap();
    assert_eq!(verdict.recommended_arm.as_deref(), Some("treatment"));
    let text = verdict.sentences.join(" ");
    for part in
        ["“conversion” of “treatment” is 29.4 % against 12 %", "significantly better", "1,010 of 1,000"]
    {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn an_a_a_test_neither_ships_nor_rolls_back() {
    let analysis = analyse(&experiment(&[(500, 100), (503, 103)]));
    assert_eq!(verdict(&analysis), (Decision::Inconclusive, Reason::CiReachesMde));
    let early = analyse(&experiment(&[(300, 60), (303, 63)]));
    assert_eq!(verdict(&early), (Decision::KeepRunning, Reason::BelowTarget));
}

#[test]
fn a_loser_is_rolled_back_even_before_the_minimum_of_days() {
    let early = Experiment { days: 2.0, ..experiment(&[(500, 150), (510, 60)]) };
    assert_eq!(verdict(&analyse(&early)), (Decision::Rollback, Reason::PrimaryHarmed));
    let winner = Experiment { days: 2.0, ..experiment(&[(500, 60), (510, 150)]) };
    assert_eq!(verdict(&analyse(&winner)), (Decision::KeepRunning, Reason::BelowMinDays));
}

#[test]
fn a_fixed_horizon_waits_for_its_size() {
    let early = Experiment { method: Method::Fixed, ..experiment(&[(300, 60), (303, 130)]) };
    assert_eq!(verdict(&analyse(&early)), (Decision::KeepRunning, Reason::BelowTarget));
    let full = Experiment { method: Method::Fixed, ..experiment(&[(500, 100), (503, 150)]) };
    assert_eq!(verdict(&analyse(&full)), (Decision::Ship, Reason::PrimaryImproved));
}

#[test]
fn a_planned_look_needs_its_bound() {
    let looks = |looks: Vec<f64>| Method::GroupSequential { spending: Default::default(), looks };
    let arms = [(250, 50), (253, 85)];
    let at = |method| verdict(&analyse(&Experiment { method, ..experiment(&arms) }));
    assert_eq!(at(looks(vec![0.5])), (Decision::Ship, Reason::PrimaryImproved));
    assert_eq!(at(looks(vec![0.1])), (Decision::KeepRunning, Reason::BelowTarget));
    assert_eq!(at(looks(Vec::new())), (Decision::KeepRunning, Reason::BelowTarget));
}

#[test]
fn an_uneven_split_invalidates_everything_else() {
    let analysis = analyse(&experiment(&[(5_000, 500), (6_000, 1_800)]));
    assert_eq!(verdict(&analysis), (Decision::Invalid, Reason::Srm));
    assert!(
        analysis.verdict.unwrap().sentences[0].contains("“treatment” has 6,000 units where 5,500 are due")
    );
    let crossed = Experiment { excluded: 100, ..experiment(&[(500, 60), (510, 150)]) };
    assert_eq!(verdict(&analyse(&crossed)), (Decision::Invalid, Reason::MultipleExposure));
}

#[test]
fn an_alarm_of_the_sample_ratio_stays() {
    let mut later = experiment(&[(500, 100), (503, 103)]);
    later.srm.min_p = Some(1e-5);
    assert_eq!(verdict(&analyse(&later)), (Decision::Invalid, Reason::Srm));
}

#[test]
fn significance_is_remembered_from_look_to_look() {
    let first = analyse(&Experiment { at: Some(1), days: 1.0, ..experiment(&[(500, 60), (510, 150)]) });
    let running = first.metrics[0].comparisons[0].running.unwrap();
    assert_eq!((running.crossed_at, running.crossed_up), (Some(1), Some(true)));
    // Later the difference has shrunk, in the same direction.
    let mut later = experiment(&[(900, 150), (910, 170)]);
    later.metrics[0].running = vec![None, Some(running)];
    let analysis = analyse(&later);
    let found = &analysis.metrics[0].comparisons[0];
    assert!(found.significant && found.p.unwrap() > 0.05 && found.p_running.unwrap() < 0.05);
    assert_eq!(verdict(&analysis), (Decision::Ship, Reason::PrimaryImproved));
    // With another target the evidence begins anew.
    later.target_sample_size = Some(1_500);
    let found = analyse(&later).metrics[0].comparisons[0].running.unwrap();
    assert_eq!((found.restarts, found.crossed_at), (1, None));
}

#[test]
fn too_little_data_gives_no_number() {
    let analysis = analyse(&experiment(&[(90, 20), (80, 40)]));
    let found = &analysis.metrics[0].comparisons[0];
    assert_eq!((found.status, found.p, found.ci), (Status::WarmingUp, Some(1.0), None));
    assert!(found.diff.is_some());
    let empty = analyse(&experiment(&[(0, 0), (0, 0)]));
    let found = &empty.metrics[0].comparisons[0];
    assert_eq!((found.status, found.p, found.diff), (Status::NoData, None, None));
    assert_eq!(verdict(&empty), (Decision::KeepRunning, Reason::BelowTarget));
}

fn with_guardrail(arms: &[(u64, u64)], errors: &[(u64, u64)], margin: Option<Margin>) -> Experiment {
    let mut experiment = experiment(arms);
    let guardrail = Metric {
        direction: Direction::LowerIsBetter,
        margin,
        ..metric("errors", Role::Guardrail, conversions(errors))
    };
    experiment.metrics.push(guardrail);
    experiment
}

#[test]
fn guardrails_stop_what_the_primary_would_ship() {
    let arms = [(5_000, 600), (5_010, 900)];
    let at = |errors: [(u64, u64); 2], margin| verdict(&analyse(&with_guardrail(&arms, &errors, margin)));
    let margin = Some(Margin::Relative(0.3));
    let harmed = at([(5_000, 500), (5_010, 1_000)], margin);
    assert_eq!(harmed, (Decision::Rollback, Reason::GuardrailHarmed));
    let unclear = at([(5_000, 500), (5_010, 600)], margin);
    assert_eq!(unclear, (Decision::Inconclusive, Reason::GuardrailUnresolved));
    let fine = at([(5_000, 500), (5_010, 450)], margin);
    assert_eq!(fine, (Decision::Ship, Reason::PrimaryImproved));
    let without_margin = at([(5_000, 500), (5_010, 520)], None);
    assert_eq!(without_margin, (Decision::Ship, Reason::PrimaryImproved));
}

#[test]
fn of_several_winners_the_surest_is_recommended() {
    let analysis = analyse(&experiment(&[(2_000, 200), (2_010, 300), (2_005, 500), (1_990, 205)]));
    let verdict = analysis.verdict.as_ref().unwrap();
    assert_eq!(verdict.recommended_arm.as_deref(), Some("third"));
    assert_eq!(analysis.arms.len(), 3);
    assert_ne!(analysis.arms[2].ruling.decision, Decision::Ship);
    // Three comparisons share alpha.
    assert!((analysis.metrics[0].comparisons[0].alpha_adjusted - 0.05 / 3.0).abs() < 1e-15);
}

#[test]
fn the_bayesian_view_stands_beside_and_decides_nothing() {
    let arms = [(500, 60), (510, 150)];
    let plain = analyse(&experiment(&arms));
    let view = analyse(&Experiment { method: Method::Bayes { prior: None }, ..experiment(&arms) });
    assert_eq!(verdict(&plain), verdict(&view));
    let found = view.metrics[0].comparisons[0].bayes.unwrap();
    assert!(found.prob_better > 0.99);
    assert!(view.metrics[0].arms[1].prob_best.unwrap() > 0.99);
}

#[test]
fn an_experiment_that_makes_no_sense_has_no_verdict() {
    let mut wrong = experiment(&[(500, 60), (510, 150)]);
    wrong.control = 7;
    let analysis = analyse(&wrong);
    assert_eq!((analysis.status, analysis.verdict), (Status::InvalidInput, None));
    let mut wrong = experiment(&[(500, 60), (510, 150)]);
    wrong.metrics[0].sums = MetricSums::Mean { arms: vec![MeanSums::default()] };
    assert_eq!(analyse(&wrong).status, Status::InvalidInput);
}

#[test]
fn results_and_inputs_travel_as_json() {
    let experiment =
        with_guardrail(&[(500, 60), (510, 150)], &[(500, 50), (510, 52)], Some(Margin::Absolute(0.1)));
    let text = serde_json::to_string(&experiment).unwrap();
    assert_eq!(serde_json::from_str::<Experiment>(&text).unwrap(), experiment);
    let shown = serde_json::to_value(analyse(&experiment)).unwrap();
    assert_eq!(shown["verdict"]["decision"], "ship", "{shown:#}");
    assert!(shown["metrics"][0]["comparisons"][0]["rel_ci"]["lo"].is_number());
}
