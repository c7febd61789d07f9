/** @file Files for the host of the repository: workflows and forms parse and say what matters. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { filesBelow, root } from "./snippets.js";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly "runs-on": string;
  readonly "timeout-minutes": number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly {
    readonly type: string;
    readonly id?: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
}

const text = (path: string) => readFileSync(join(root, path), "utf8");
const workflow = (name: string): Workflow => parse(text(`.github/workflows/${name}.yml`));
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);
const workflows = filesBelow(".github/workflows", ".yml");
const forms = filesBelow(".github/ISSUE_TEMPLATE", ".yml").filter(
  (at) => !at.endsWith("config.yml"),
);

describe.each(workflows)("%s", (path) => {
  const { jobs, permissions } = parse(text(path)) as Workflow;

  it("grants nothing to a job that it does not name", () => {
    const granted = Object.entries(permissions);
    expect(granted.every(([what, how]) => what === "contents" && how === "read")).toBe(true);
  });

  it("limits the time of each job", () => {
    for (const job of Object.values(jobs)) {
      expect(job["runs-on"]).toBe("ubuntu-latest");
      expect(job["timeout-minutes"]).toBeLessThanOrEqual(150);
    }
  });

  it("pins each action by its major version", () => {
    const actions = Object.values(jobs).flatMap(({ steps }) =>
      steps.flatMap(({ uses }) => uses ?? []),
    );
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^(actions|changesets)\/[\w-]+@v\d+$/);
  });

  it("names no registry and no host", () => {
    expect(text(path)).not.toMatch(/registry|https?:|\w\.(com|org|io|dev)\b/);
  });
});

it("checks everything on push and pull request, on the oldest Node and on the current one", () => {
  const ci = workflow("ci");
  expect(Object.keys(ci.on)).toEqual(["push", "pull_request"]);
  expect(ci.jobs["check"]?.strategy?.matrix.node).toEqual(["20", "current"]);
  expect(stepsOf(ci).flatMap(({ run }) => run ?? [])).toEqual([".ci/run"]);
  expect(existsSync(join(root, ".ci/run"))).toBe(true);
});

it("publishes packages with provenance, from one job that may write, after the tests", () => {
  const { jobs } = workflow("publish");
  const writes = Object.entries(jobs).filter(
    ([, job]) => job.permissions?.["contents"] === "write",
  );
  expect(writes.map(([name]) => name)).toEqual(["packages"]);
  expect(jobs["packages"]?.permissions).toMatchObject({ "id-token": "write" });
  const steps = jobs["packages"]?.steps ?? [];
  const tested = steps.findIndex(({ run }) => run?.startsWith("npm test"));
  const published = steps.findIndex(({ uses }) => uses?.startsWith("changesets/action"));
  expect(tested).toBeGreaterThan(0);
  expect(published).toBeGreaterThan(tested);
  expect(steps[published]).toMatchObject({ env: { NPM_CONFIG_PROVENANCE: "true" } });
});

it("releases all packages that are not private under one version", () => {
  const { fixed, ignore } = JSON.parse(text(".changeset/config.json"));
  const packages = ["packages/", ""].flatMap((folder) =>
    readdirSync(join(root, folder || "."))
      .map((name) => join(folder, name, "package.json"))
      .filter((path) => existsSync(join(root, path)))
      .map((path) => JSON.parse(text(path))),
  );
  const names = (hidden: boolean) =>
    packages.filter((p) => (p.private === true) === hidden).map(({ name }) => name);
  expect(fixed).toEqual([expect.toSatisfy((list) => sameNames(list, names(false)))]);
  expect(sameNames(ignore, names(true))).toBe(true);
});

const sameNames = (a: string[], b: string[]) => [...a].sort().join() === [...b].sort().join();

describe.each(forms)("%s", (path) => {
  const { name, description, body } = parse(text(path)) as Form;

  it("is a form with fields that have labels and names of their own", () => {
    expect(name && description).toBeTruthy();
    const fields = body.filter(({ type }) => type !== "markdown");
    expect(fields.length).toBeGreaterThan(0);
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    for (const { type, attributes } of fields) {
      expect(["input", "textarea", "dropdown", "checkboxes"]).toContain(type);
      expect(attributes["label"]).toBeTruthy();
    }
  });
});
