// Runs one golden file in whatever loads this: once through the golden runner in WebAssembly, and, where the
// file holds decisions, through the package itself: both builds, either form of the snapshot, and the client.

const base = new URL("../dist/", import.meta.url);
const load = (path) => import(new URL(path, base));

let parts;

/** `readModule(url)` gives the bytes of a module. */
async function start(readModule) {
  const [golden, { engine }, small, full, entry] = await Promise.all([
    import(new URL("build/golden.js", import.meta.url)),
    load("wasm/engine.js"),
    load("wasm/small.js"),
    load("wasm/full.js"),
    load(globalThis.window ? "entry/web.js" : "entry/node.js"),
  ]);
  golden.initSync({ module: await readModule(new URL("build/golden_bg.wasm", import.meta.url)) });
  small.initSync({ module: await readModule(new URL("wasm/small.wasm", base)) });
  full.initSync({ module: await readModule(new URL("wasm/full.wasm", base)) });
  return { golden, small: engine(small), full: engine(full), createLotwise: entry.createLotwise };
}

/** Returns `{"passed", "failures": [{"case", "detail"}]}`. Of files with a snapshot `published` has its two forms. */
export async function run({ name, text, published }, readModule) {
  parts ??= await start(readModule);
  const report = JSON.parse(parts.golden.golden(name, text));
  if (published) await decisions(name, JSON.parse(text), published, report);
  return report;
}

async function decisions(name, file, { document, binary }, report) {
  const bytes = Uint8Array.from(atob(binary), (char) => char.charCodeAt(0));
  const forms = [
    ["full, document", () => parts.full.loadDocument(document)],
    ["full, binary", () => parts.full.load(bytes)],
  ];
  let small;
  try {
    small = parts.small.load(bytes);
  } catch {
    // All of it takes regular expressions.
  }
  if (small && !small.wantsFull) forms.push(["small", () => small]);
  for (const [form, load] of forms) {
    const snapshot = load();
    for (const it of file.cases) {
      const subject = snapshot.subject(it.user_key, it.context, it.sticky ?? {});
      const all = subject.decideAll();
      it.expect.forEach((expected) => {
        const experiment = snapshot.experiment(expected.experiment_key);
        const verdict = experiment && subject.decide(experiment);
        const came = experiment && {
          variant_key: verdict.variant?.key ?? null,
          reason: verdict.reason,
          bucket: subject.bucket(experiment),
        };
        check(report, `${name} (${form}) ${it.id} ${expected.experiment_key}`, expected, came);
        if (all[experiment?.index] !== verdict)
          fail(report, `${name} (${form}) ${it.id}`, "decideAll() says something else");
        if (form.startsWith("full")) {
          const explained = subject.explain(experiment);
          check(
            report,
            `${name} (${form}, explained) ${it.id} ${expected.experiment_key}`,
            expected,
            explained,
          );
        }
      });
    }
  }
  await client(name, file, bytes, report);
}

/** The same through what applications call. */
async function client(name, file, bytes, report) {
  const errors = [];
  const options = {
    snapshot: bytes,
    userKey: "nobody",
    eventsUrl: null,
    sticky: false,
    onError: (error) => errors.push(error),
  };
  const lotwise = await parts.createLotwise(options);
  // The larger build comes by itself where the snapshot wants it.
  if (parts.full.load(bytes).wantsFull) await larger(lotwise);
  for (const it of file.cases) {
    const user = lotwise.forUser({ userKey: it.user_key, context: it.context, sticky: it.sticky ?? {} });
    for (const expected of it.expect) {
      const { variant, reason } = user.peek(expected.experiment_key);
      const came = { variant_key: variant, reason, bucket: expected.bucket };
      check(report, `${name} (client) ${it.id} ${expected.experiment_key}`, expected, came);
    }
  }
  if (errors.length) fail(report, `${name} (client)`, JSON.stringify(errors[0]));
  await lotwise.close();
}

/** Until the larger build decides, which may have been the case before. */
function larger(lotwise) {
  return new Promise((resolve) => {
    lotwise.on("change", resolve);
    setTimeout(resolve, 2000);
  });
}

function check(report, label, expected, came) {
  const isEqual =
    came &&
    came.variant_key === expected.variant_key &&
    came.reason === expected.reason &&
    came.bucket === expected.bucket;
  if (isEqual) report.passed++;
  else fail(report, label, `expected ${JSON.stringify(expected)}, came ${JSON.stringify(came)}`);
}

function fail(report, label, detail) {
  report.failures.push({ case: label, detail });
}
