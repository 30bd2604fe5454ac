// A document for React. Imported before react-dom, which looks at it once.

import { Window } from "happy-dom";

const window = new Window({ url: "https://shop.example.com/" });
Object.assign(globalThis, {
  window,
  document: window.document,
  HTMLElement: window.HTMLElement,
  Node: window.Node,
  ...("navigator" in globalThis ? {} : { navigator: window.navigator }),
  IS_REACT_ACT_ENVIRONMENT: true,
});

/** An element with that markup. */
export function container(markup = ""): HTMLElement {
  const element = window.document.createElement("div");
  element.innerHTML = markup;
  window.document.body.appendChild(element);
  return element as unknown as HTMLElement;
}
