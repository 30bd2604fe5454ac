// Firefox through geckodriver: the four calls of WebDriver that are needed here.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** Starts both. Programs: GECKODRIVER, FIREFOX. */
export async function startFirefox() {
  const { GECKODRIVER, FIREFOX } = process.env;
  const driver = spawn(GECKODRIVER, ["--port", "0", "--binary", FIREFOX], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await listening(driver);
  const headers = { "content-type": "application/json" };
  const call = async (method, path, body) => {
    const init = { method, headers, body: body && JSON.stringify(body) };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const { value } = await answer.json();
    if (!answer.ok) throw Error(`${path}: ${value.message}`);
    return value;
  };
  const alwaysMatch = { "moz:firefoxOptions": { args: ["-headless"] }, timeouts: { script: 300_000 } };
  const { sessionId } = await call("POST", "/session", { capabilities: { alwaysMatch } });
  return {
    open: (url) => call("POST", `/session/${sessionId}/url`, { url }),
    execute: (script, args) => call("POST", `/session/${sessionId}/execute/async`, { script, args }),
    stop: async () => {
      await call("DELETE", `/session/${sessionId}`);
      driver.kill();
      await once(driver, "exit");
    },
  };
}

/** The port, from what the driver says when it listens. What it says later goes nowhere. */
function listening(driver) {
  let said = "";
  return new Promise((resolve, reject) => {
    driver.stdout.on("data", (chunk) => {
      said += chunk;
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port) resolve(port);
    });
    driver.once("error", reject);
    driver.once("exit", () => reject(Error(`geckodriver does not start: ${said}`)));
  });
}
