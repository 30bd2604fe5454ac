// Chromium for tests and measurements.

import { chromium } from "playwright-core";

/** Without a display, in a container, as root, and without a word to the internet. */
const ARGUMENTS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--disable-background-networking",
];

/** Starts the Chromium that the environment's CHROMIUM names, else the one of the system. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
}

/** Whatever a page complains about, from now on: console errors and warnings, exceptions, failed requests. */
export function complaints(page) {
  const said = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) said.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => said.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) =>
    said.push(`failed: ${request.url()} ${request.failure()?.errorText}`),
  );
  page.on("response", (response) => {
    if (response.status() >= 400) said.push(`${response.status()}: ${response.url()}`);
  });
  return said;
}
