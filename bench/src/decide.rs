//! Deciding and loading natively.

use std::hint::black_box;

use lotwise_core::bucketing::{HashAlgorithm, Murmur3, murmur3_bucket};
use lotwise_core::{Context, Evaluation, ExperimentId, Scratch, Snapshot, Subject, push_assignments};
use serde_json::{Value, json};

use crate::report::{print_table, save};
use crate::timing::{Timing, time};
use crate::workload::{User, document, users};

const SIZES: [usize; 4] = [1, 10, 100, 1000];

pub(crate) fn run(seconds: f64) -> anyhow::Result<()> {
    println!("Workload W(n), 10,000 users, one thread; best of 10 rounds (median).\n");
    let people = users(10_000);
    let contexts: Vec<Context<'_>> =
        people.iter().map(|user| Context::from_json(&user.context).expect("contexts are sound")).collect();
    let subjects: Vec<Subject<'_>> = people
        .iter()
        .zip(&contexts)
        .map(|(user, context)| Subject::new(&user.key, context).expect("keys are sound"))
        .collect();
    let mut rows = Vec::new();
    let mut figures = Vec::new();
    for size in SIZES {
        let measured = measure(size, seconds, &subjects);
        rows.push(measured.row(size));
        figures.push(measured.figures(size));
    }
    let header = [
        "W(n)",
        "single",
        "all",
        "all + JSON",
        "load JSON",
        "load binary",
        "JSON / binary per experiment",
        "held/experiment",
        "allocations single/all",
    ];
    print_table(&header, &rows);
    let parts = parts(seconds, &people);
    println!("\nParts, per operation:");
    for (name, timing) in &parts {
        println!("  {name}: {}", nanoseconds(*timing));
    }
    let parts: Vec<Value> =
        parts.iter().map(|(name, timing)| json!({"part": name, "ns": timing.best})).collect();
    save("decide", &json!({"workload": "W(n)", "sizes": figures, "parts": parts}))
}

struct Measured {
    single: Timing,
    all: Timing,
    all_json: Timing,
    load: Timing,
    load_binary: Timing,
    document_bytes: usize,
    binary_bytes: usize,
    held_bytes: i64,
    single_allocations: u64,
    all_allocations: u64,
    answer_bytes: usize,
}

fn measure(size: usize, seconds: f64, subjects: &[Subject<'_>]) -> Measured {
    let document = document(size);
    let mut snapshot = None;
    let held =
        allocation_counter::measure(|| snapshot = Some(Snapshot::load(&document).expect("it is sound")));
    let snapshot = snapshot.expect("it was loaded");
    let keys: Vec<String> = (0..size).map(|place| format!("exp-{place:04}")).collect();
    let mut scratch = Scratch::new();
    let mut answer = Vec::with_capacity(1 << 20);
    let mut next = 0_usize;

    let single = time(seconds, 1000, || {
        for _ in 0..1000 {
            // 7,919 is prime: users and experiments come in no order that caches would like.
            next = next.wrapping_add(7919);
            black_box(decide_one(
                &snapshot,
                &subjects[next % subjects.len()],
                &keys[next % size],
                &mut scratch,
            ));
        }
    });
    let all = time(seconds, 1, || {
        next = next.wrapping_add(7919);
        let mut evaluation = Evaluation::new(&snapshot, &subjects[next % subjects.len()], &mut scratch);
        for experiment in snapshot.experiments() {
            black_box(evaluation.decide(experiment));
        }
    });
    let all_json = time(seconds, 1, || {
        next = next.wrapping_add(7919);
        decide_all(&snapshot, &subjects[next % subjects.len()], &mut scratch, &mut answer);
    });
    let load = time(seconds, 1, || {
        black_box(Snapshot::load(black_box(&document)).expect("it is sound"));
    });
    let binary = snapshot.to_binary();
    let load_binary = time(seconds, 1, || {
        black_box(Snapshot::from_binary(black_box(&binary)).expect("it is sound"));
    });
    let count = |operation: &mut dyn FnMut()| allocation_counter::measure(operation).count_total;
    let single_allocations = count(&mut || {
        black_box(decide_one(&snapshot, &subjects[0], &keys[0], &mut scratch));
    });
    let all_allocations = count(&mut || decide_all(&snapshot, &subjects[0], &mut scratch, &mut answer));
    Measured {
        single,
        all,
        all_json,
        load,
        load_binary,
        document_bytes: document.len(),
        binary_bytes: binary.len(),
        held_bytes: held.bytes_current,
        single_allocations,
        all_allocations,
        answer_bytes: answer.len(),
    }
}

fn decide_one(snapshot: &Snapshot, subject: &Subject<'_>, key: &str, scratch: &mut Scratch) -> Option<u16> {
    let experiment: ExperimentId = snapshot.experiment(key)?;
    Evaluation::new(snapshot, subject, scratch).decide(experiment).variant
}

fn decide_all(snapshot: &Snapshot, subject: &Subject<'_>, scratch: &mut Scratch, answer: &mut Vec<u8>) {
    answer.clear();
    let mut evaluation = Evaluation::new(snapshot, subject, scratch);
    push_assignments(answer, &mut evaluation, snapshot.experiments());
    black_box(answer);
}

/// What the figures above are made of.
fn parts(seconds: f64, people: &[User]) -> Vec<(&'static str, Timing)> {
    let salt = "0b6c8f5e-3d52-4c43-9a44-6a2f1f3d9c10";
    let keys: Vec<&str> = people.iter().take(1000).map(|user| user.key.as_str()).collect();
    let absorbed: Vec<Murmur3> = keys.iter().map(|key| Murmur3::new().absorb(key.as_bytes())).collect();
    vec![
        (
            "bucket of a 30-byte key and a 36-byte salt",
            time(seconds, keys.len(), || {
                for key in &keys {
                    black_box(HashAlgorithm::Murmur3.bucket(key, salt));
                }
            }),
        ),
        (
            "the same, the key absorbed before",
            time(seconds, keys.len(), || {
                for key in &absorbed {
                    black_box(murmur3_bucket(*key, salt.as_bytes()));
                }
            }),
        ),
        (
            "reading a context of 5 attributes from JSON",
            time(seconds, 1000, || {
                for user in people.iter().take(1000) {
                    black_box(Context::from_json(&user.context).expect("contexts are sound"));
                }
            }),
        ),
    ]
}

impl Measured {
    fn row(&self, size: usize) -> Vec<String> {
        vec![
            format!("n = {size}"),
            nanoseconds(self.single),
            nanoseconds(self.all),
            nanoseconds(self.all_json),
            nanoseconds(self.load),
            nanoseconds(self.load_binary),
            format!("{} B / {} B", self.document_bytes / size, self.binary_bytes / size),
            format!("{} B", self.held_bytes / size as i64),
            format!("{} / {}", self.single_allocations, self.all_allocations),
        ]
    }

    fn figures(&self, size: usize) -> Value {
        json!({"n": size, "single_ns": self.single.best, "all_ns": self.all.best, "all_json_ns": self.all_json.best,
            "load_ns": self.load.best, "load_binary_ns": self.load_binary.best, "held_bytes": self.held_bytes,
            "document_bytes": self.document_bytes, "binary_bytes": self.binary_bytes,
            "answer_bytes": self.answer_bytes, "single_allocations": self.single_allocations,
            "all_allocations": self.all_allocations})
    }
}

fn nanoseconds(timing: Timing) -> String {
    let scaled = |ns: f64| match ns {
        ns if ns < 1e3 => format!("{ns:.1} ns"),
        ns if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        ns => format!("{:.2} ms", ns / 1e6),
    };
    format!("{} ({})", scaled(timing.best), scaled(timing.median))
}
