// The review pages in Chromium: a day of changes reviewed by keyboard alone, search, comparison, log-in, hostile texts
// and axe on every page. `.ci/browser` starts what it needs.
//
//     node review.mjs FULL EMPTY LOCKED [SCREENSHOT-FOLDER]
//
// The first three are addresses of examples/review_pages: with a day of changes, empty, and with a password.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const [full, empty, locked, shots] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const puppeteer = require("puppeteer-core");
const axe = require("axe-core").source;

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const faults = [];

async function open() {
  const page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 900 });
  await page.evaluateOnNewDocument(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  page.on("console", (message) => { if (message.type() === "error") faults.push(`${page.url()}: ${message.text()}`); });
  page.on("dialog", async (dialog) => { faults.push(`${page.url()}: a script ran`); await dialog.dismiss(); });
  page.on("request", (request) => {
    // Chromium draws its own controls from data addresses.
    if (!/^(http:\/\/127\.0\.0\.1:|data:)/.test(request.url())) faults.push(`asked for ${request.url()}`);
  });
  return page;
}

async function press(page, key) {
  await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
}

const text = (page) => page.$eval("body", (body) => body.innerText);
const count = (page) => page.$$eval(".event", (rows) => rows.length);

async function step(name, work) {
  try {
    await work();
    console.log(`ok: ${name}`);
  } catch (error) {
    faults.push(`${name}: ${error.stack}`);
  }
}

await step("an empty store says what will appear", async () => {
  const page = await open();
  await page.goto(empty);
  assert.match(await text(page), /Nothing has happened yet[\s\S]*from the second check on/);
  await page.close();
});

await step("a day of changes is reviewed by keyboard alone", async () => {
  const page = await open();
  await page.goto(full);
  const waiting = await count(page);
  assert.ok(waiting > 4, `${waiting} events`);
  const edited = await page.$$eval(".event", (rows) => rows.findIndex((row) => row.classList.contains("edited")));
  for (let steps = 0; steps <= edited + 1; steps += 1) await page.keyboard.press("j");
  await page.keyboard.press("k");
  const first = await page.$eval(".event.here", (row) => row.dataset.event);
  await press(page, "s");
  assert.equal(await page.$eval(`[data-event="${first}"] .star`, (star) => star.getAttribute("aria-pressed")), "true");
  await press(page, "o");
  assert.match(page.url(), /\/events\/\d+$/);
  await page.keyboard.press("v");
  assert.ok(await page.$eval(".two", (two) => two.checkVisibility()));
  let reviewed = 0;
  while (reviewed < waiting) {
    if (!/\/events\/\d+$/.test(page.url())) {
      await page.keyboard.press("j");
      await press(page, "o");
    }
    await press(page, "e");
    reviewed += 1;
  }
  assert.match(await text(page), /Everything is reviewed/);
  await page.goto(`${full}?shelf=starred`);
  assert.equal(await count(page), 1);
  await page.keyboard.press("j");
  await press(page, "e");
  await page.goto(full);
  assert.equal(await count(page), 1);
  await page.close();
});

await step("words are found, also where they were taken away, and versions compared", async () => {
  const page = await open();
  for (let tries = 0; tries < 30; tries += 1) {
    await page.goto(full);
    await page.keyboard.press("/");
    await page.keyboard.type('"12.4 million"');
    await press(page, "Enter");
    if (await page.$("mark")) break;
    await new Promise((wake) => setTimeout(wake, 500));
  }
  assert.match(await page.$eval("mark", (mark) => mark.innerText), /12.4 million/);
  assert.match(await text(page), /removed in/);
  await Promise.all([page.waitForNavigation(), page.click("text/whole life")]);
  await page.$eval("form[action$=compare]", (form) => form.scrollIntoView());
  await Promise.all([page.waitForNavigation(), page.click("form[action$=compare] button")]);
  assert.match(await page.$eval(".change .one", (one) => one.innerHTML), /<del>12.4<\/del><ins>15.9<\/ins>/);
  await page.close();
});

await step("a password is asked for and taken", async () => {
  const page = await open();
  await page.goto(`${locked}sources`);
  assert.match(page.url(), /\/login\?next=/);
  await page.type("#password", "correct horse battery");
  await press(page, "Enter");
  assert.equal(page.url(), `${locked}sources`);
  await Promise.all([page.waitForNavigation(), page.click("form[action='/logout'] button")]);
  assert.match(page.url(), /\/login/);
  await page.close();
});

const pages = ["", "?shelf=all", "events/1", "sources", "alerts", "sources/demo", "sources/hostile", "search?q=million", "search", "releases/1", "releases/1/versions/1", "feeds", "keys", "login", "nowhere"];
const page = await open();
await page.goto(`${full}?shelf=all&kind=edited`);
const edits = await page.$$eval(".event", (rows) => rows.map((row) => row.dataset.event));
pages.push(...edits.slice(0, 3).map((id) => `events/${id}`));
await page.goto(`${full}?shelf=all&source=hostile`);
const hostile = await page.$$eval(".event", (rows) => rows.map((row) => row.dataset.event));
pages.push(...hostile.slice(0, 2).map((id) => `events/${id}`));

for (const [width, scheme] of [[1200, "light"], [320, "dark"]]) {
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  for (const path of pages) {
    await step(`${path || "inbox"} at ${width} pixels, ${scheme}`, async () => {
      const before = faults.length;
      await page.goto(`${full}${path}`);
      if (path === "nowhere") faults.length = before; // Chromium tells the missing page as an error.
      assert.notEqual(await page.title(), "run");
      assert.equal(await page.$$eval("script, img", (all) => all.filter((one) => !one.src.includes("/assets/")).length), 0);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "wider than the window");
      await page.evaluate(axe);
      const found = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
      const told = found.violations.map((violation) => `${violation.id}: ${violation.help}: ${violation.nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
      assert.deepEqual(told, []);
    });
  }
}

if (shots) {
  for (const [width, scheme] of [[360, "light"], [360, "dark"], [1200, "light"], [1200, "dark"]]) {
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    for (const [name, path] of [["inbox", "?shelf=all"], ["event", `events/${edits[0]}`], ["release", "releases/1"], ["source", "sources/demo"], ["sources", "sources"], ["search", "search?q=million"], ["alerts", "alerts"], ["feeds", "feeds"], ["filter", "?shelf=all&kind=edited"], ["version", "releases/1/versions/1"], ["empty", "?kind=moved"], ["login", "login"]]) {
      await page.goto(`${full}${path}`);
      await page.screenshot({ path: `${shots}/${name}-${width}-${scheme}.png`, fullPage: width > 400 });
    }
  }
}
if (shots) {
  await page.setViewport({ width: 800, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  const saved = await page.evaluate((path) => fetch(path).then((answer) => answer.text()), `${full}events/${edits[0]}/change.html`);
  await page.goto(`${full}events/${edits[0]}`);
  await page.emulateMediaType("print");
  await page.screenshot({ path: `${shots}/print.png`, fullPage: true });
  await page.emulateMediaType();
  await page.click("label[for=two]");
  await page.screenshot({ path: `${shots}/sides.png`, fullPage: true });
  const alone = await browser.newPage();
  await alone.setContent(saved);
  await alone.screenshot({ path: `${shots}/saved.png`, fullPage: true });
}
await browser.close();
if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
