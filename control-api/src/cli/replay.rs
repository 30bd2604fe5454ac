//! `lotwise replay`: recorded exposures, decided again.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use lotwise_core::Scratch;

use crate::domain::environment::EnvironmentRef;
use crate::replay::{Documents, Line, Named, Outcome, Recorded, read_line, replay};
use crate::settings::DatabaseArgs;
use crate::store::Store;
use crate::store::recorded::{ExposureCursor, ExposureRow};

/// Rows that are read at once.
const PAGE: i64 = 5_000;

/// Time between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(2);

/// Which exposures to decide again.
#[derive(Args)]
#[allow(clippy::doc_markdown)] // Help texts.
pub(super) struct ReplayArgs {
    /// Settings of the database, which holds the documents that were decided on.
    #[command(flatten)]
    database: DatabaseArgs,

    /// Replay the exposures that the database holds of this environment, by name or id.
    #[arg(long, value_name = "NAME", required_unless_present = "file", conflicts_with = "file")]
    environment: Option<String>,

    /// Replay the exposures of this file instead, one event to a line as POST /events takes them; - for
    /// standard input. Other events than exposures are passed over.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Decides again, reports, and fails unless everything came out as it was recorded.
pub(super) async fn run(args: &ReplayArgs) -> anyhow::Result<()> {
    let store = Store::connect(args.database.url()?, args.database.database_max_connections).await?;
    let mut run = Run::new(&store);
    match (&args.file, &args.environment) {
        (Some(file), _) => run.file(file).await?,
        (None, Some(environment)) => run.database(environment).await?,
        (None, None) => bail!("say what to replay: --environment or --file"),
    }
    run.finish()
}

struct Run<'s> {
    store: &'s Store,
    documents: Documents<'s>,
    scratch: Scratch,
    replayed: u64,
    mismatches: u64,
    impossible: u64,
    passed_over: u64,
    told: Instant,
}

impl<'s> Run<'s> {
    fn new(store: &'s Store) -> Self {
        Self {
            store,
            documents: Documents::new(store),
            scratch: Scratch::new(),
            replayed: 0,
            mismatches: 0,
            impossible: 0,
            passed_over: 0,
            told: Instant::now(),
        }
    }

    async fn file(&mut self, file: &PathBuf) -> anyhow::Result<()> {
        let reading = || format!("reading {}", file.display());
        let reader: Box<dyn BufRead> = if file.as_os_str() == "-" {
            Box::new(BufReader::new(std::io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(file).with_context(reading)?))
        };
        for (index, line) in reader.split(b'\n').enumerate() {
            let line = line.with_context(reading)?;
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            let place = format!("line {}", index + 1);
            let text = std::str::from_utf8(line).map_err(|error| error.to_string());
            match text.and_then(read_line) {
                Ok(Line::Exposure(exposure)) => self.one(&place, &exposure).await?,
                Ok(Line::Other) => self.passed_over += 1,
                Err(cause) => self.report_impossible(&place, &cause)?,
            }
        }
        Ok(())
    }

    async fn database(&mut self, environment: &str) -> anyhow::Result<()> {
        let which = EnvironmentRef::parse(environment).context("--environment names none")?;
        let environment =
            self.store.environment(&which).await.context("the environment cannot be read; does it exist?")?;
        let mut after = ExposureCursor::default();
        loop {
            let rows = self.store.recorded_exposures(&environment, after, PAGE).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.cursor();
            for row in rows {
                let place = row.id.to_string();
                match recorded(row, &environment.name) {
                    Ok(exposure) => self.one(&place, &exposure).await?,
                    Err(cause) => self.report_impossible(&place, &cause)?,
                }
            }
        }
    }

    async fn one(&mut self, place: &str, exposure: &Recorded) -> anyhow::Result<()> {
        let outcome = match self.documents.of(exposure).await? {
            Ok(snapshot) => replay(&snapshot, exposure, &mut self.scratch),
            Err(cause) => Outcome::Impossible(cause),
        };
        let who = || format!("{place} {} {:?} {}", exposure.id, exposure.user_key, exposure.experiment);
        match outcome {
            Outcome::Same => self.replayed += 1,
            Outcome::Mismatch(what) => {
                self.replayed += 1;
                self.mismatches += 1;
                writeln!(std::io::stdout(), "mismatch: {}: {what}", who())?;
            }
            Outcome::Impossible(cause) => self.report_impossible(&who(), &cause)?,
        }
        self.progress();
        Ok(())
    }

    fn report_impossible(&mut self, place: &str, cause: &str) -> anyhow::Result<()> {
        self.impossible += 1;
        Ok(writeln!(std::io::stdout(), "cannot be replayed: {place}: {cause}")?)
    }

    fn progress(&mut self) {
        if self.told.elapsed() >= PROGRESS && std::io::stderr().is_terminal() {
            self.told = Instant::now();
            eprintln!("… {} replayed, {} mismatches", self.replayed, self.mismatches);
        }
    }

    fn finish(self) -> anyhow::Result<()> {
        let Self { replayed, mismatches, impossible, passed_over, .. } = self;
        let mut out = std::io::stdout();
        if passed_over > 0 {
            writeln!(out, "{passed_over} events are no exposures")?;
        }
        if impossible > 0 {
            writeln!(out, "{impossible} could not be replayed")?;
        }
        writeln!(out, "{replayed} replayed, {mismatches} mismatches")?;
        if mismatches > 0 || impossible > 0 {
            bail!("not everything came out as it was recorded");
        }
        Ok(())
    }
}

fn recorded(row: ExposureRow, environment: &str) -> Result<Recorded, String> {
    let sticky = row.sticky.as_deref().map(serde_json::from_str).transpose();
    Ok(Recorded {
        id: String::new(),
        environment: environment.to_owned(),
        user_key: String::from_utf8(row.user_key).map_err(|_| "the user key is not UTF-8".to_owned())?,
        experiment: Named::Id(row.experiment_id.to_string()),
        variant: Named::Id(row.variant_id.to_string()),
        reason: Some(row.reason),
        snapshot_sha256: row.snapshot_sha256,
        config_version: row.config_version,
        context: row.context,
        sticky: sticky.map_err(|error| format!("sticky state: {error}"))?,
    })
}
