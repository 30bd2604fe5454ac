export { configcat as start } from "../subjects/configcat.js";
