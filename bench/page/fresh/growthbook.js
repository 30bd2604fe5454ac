export { growthbook as start } from "../subjects/growthbook.js";
