import { createLotwise } from "/sdk/dist/entry/web.js";

/** What went wrong, by code. */
window.errors = [];
window.create = (options) =>
  createLotwise({ onError: ({ code, message }) => window.errors.push(`${code}: ${message}`), ...options });
