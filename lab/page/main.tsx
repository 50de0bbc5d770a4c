import { render } from "preact";
import { App } from "./app";
import "virtual:theme.css";
import "../../src/output/report/parts.css";
import "./style.css";

render(<App />, document.getElementById("lab") as HTMLElement);
