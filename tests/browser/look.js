// Uses a report as a person would: presses, types, points, moves the focus. out: lines `fault: ...`, then what the page is made of,
// then `done`.
function look(view, scheme) {
  "use strict";
  var page = view.document, faults = [];
  var all = function (selector, within) { return Array.from((within || page).querySelectorAll(selector)); };
  var expect = function (holds, what) { if (!holds) faults.push("fault: " + what); };
  var style = function (element) { return view.getComputedStyle(element); };
  var shown = function (element) { return element.checkVisibility(); };

  // --- tables ---
  function key(cell) {
    return cell.dataset.v === undefined ? cell.textContent : cell.dataset.v === "" ? NaN : parseFloat(cell.dataset.v);
  }
  // Cells without a value come last, up or down.
  function inOrder(keys, up) {
    var values = keys.filter(function (k) { return k === k; });
    return keys.slice(0, values.length).every(function (k) { return k === k; }) && values.every(function (k, i) {
      return i === 0 || (up ? values[i - 1] <= k : values[i - 1] >= k);
    });
  }
  function sorts(table) {
    all("thead th", table).forEach(function (head, column) {
      ["ascending", "descending"].forEach(function (way) {
        head.querySelector("button").click();
        var keys = Array.from(table.tBodies[0].rows).map(function (row) { return key(row.cells[column]); });
        expect(head.getAttribute("aria-sort") === way && all("th[aria-sort]", table).length === 1,
               table.id + ", " + head.textContent + ": not marked as " + way);
        expect(inOrder(keys, way === "ascending"), table.id + ", " + head.textContent + ": not " + way + ": " + keys.slice(0, 8));
      });
    });
  }
  function type(input, words) {
    input.value = words;
    input.dispatchEvent(new view.Event("input", { bubbles: true }));
  }
  function filters(table) {
    var input = page.querySelector("input[data-table='" + table.id + "']"), rows = Array.from(table.tBodies[0].rows);
    expect(input && input.labels.length === 1, table.id + ": no labelled filter");
    if (!input || rows.length === 0) return;
    var words = rows[0].cells[0].textContent.trim().toUpperCase();
    type(input, words);
    rows.forEach(function (row) {
      var has = words.toLowerCase().split(/\s+/).every(function (w) { return row.textContent.toLowerCase().includes(w); });
      expect(shown(row) === has, table.id + ", filter `" + words + "`: row " + (has ? "gone: " : "stays: ") + row.cells[0].textContent);
    });
    type(input, "no row has these words");
    expect(!rows.some(shown), table.id + ": rows stay that lack the words");
    type(input, "");
    expect(rows.every(shown), table.id + ": rows do not come back");
  }

  // --- figures ---
  // gnuplot names whole series, too; a tip belongs to one point.
  function tips(figure) {
    return all("svg title", figure).filter(function (tip) { return !tip.parentNode.matches("svg, [id*=_plot_]"); });
  }
  // A browser shows the title of what is under the pointer: it must be a tip's own point, or another tip's that covers it.
  function pointAt(figure) {
    var missed = tips(figure).filter(function (tip) {
      tip.parentNode.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      var box = tip.parentNode.getBoundingClientRect();
      var under = page.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      while (under && under !== figure && !all("title", under).some(function (t) { return t.parentNode === under; })) {
        under = under.parentElement;
      }
      return !under || under === figure;
    });
    expect(missed.length === 0, figure.id + ": " + missed.length + " tooltips do not show, such as: " +
           (missed[0] ? missed[0].textContent : ""));
    expect(tips(figure).length > 0, figure.id + ": no tooltip");
  }
  function drawn(figure) {
    var svg = figure.querySelector("svg");
    var box = svg.getBoundingClientRect(), region = figure.querySelector(".plot");
    expect(box.width >= 200 && box.height >= 60, figure.id + ": " + box.width + " x " + box.height);
    expect(region.tabIndex === 0 && region.getAttribute("role") === "img" && region.getAttribute("aria-label"),
           figure.id + ": neither focus nor name");
    expect(figure.querySelector("figcaption p").textContent.length > 40, figure.id + ": no caption");
  }

  // --- colours: WCAG 2 contrast of text, 4.5 and more ---
  function colour(text) {
    var parts = text.match(/[\d.]+/g);
    return parts && text.indexOf("rgb") === 0 ? parts.map(Number) : null;
  }
  function luminance(rgb) {
    return [0.2126, 0.7152, 0.0722].reduce(function (sum, weight, i) {
      var c = rgb[i] / 255;
      return sum + weight * (c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    }, 0);
  }
  // What is painted behind the middle of a text in a drawing; NULL where it lies on the page itself.
  function painted(element) {
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    var box = element.getBoundingClientRect();
    var under = page.elementsFromPoint(box.left + box.width / 2, box.top + box.height / 2).find(function (shape) {
      var fill = shape.matches("path, rect, polygon") && colour(style(shape).fill);
      return fill && (fill.length < 4 || fill[3] > 0) && parseFloat(style(shape).opacity) > 0;
    });
    return under ? colour(style(under).fill) : null;
  }
  function ground(element) {
    for (; element; element = element.parentElement) {
      var found = colour(style(element).backgroundColor);
      if (found && (found.length < 4 || found[3] > 0)) return found;
    }
    return [255, 255, 255];
  }
  function legible() {
    var seen = {};
    var walker = page.createTreeWalker(page.body, view.NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      var element = walker.currentNode.parentElement, is = style(element);
      if (walker.currentNode.data.trim() === "" || element.closest("script, style, title, desc") || !shown(element)) continue;
      var ink = colour(element instanceof view.SVGElement ? is.fill : is.color);
      if (!ink || (ink.length > 3 && ink[3] === 0)) continue;
      var behind = element instanceof view.SVGElement && painted(element);
      var a = luminance(ink), b = luminance(behind || ground(element));
      var contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      var what = element.tagName + (element.className && element.className.baseVal === undefined ? "." + element.className : "");
      if (contrast < 4.5 && !seen[what]) {
        seen[what] = true;
        expect(false, what + " `" + walker.currentNode.data.trim().slice(0, 30) + "`: contrast " + contrast.toFixed(2) + ", " + scheme);
      }
    }
    var dark = luminance(ground(page.body)) < 0.2;
    expect(dark === (scheme === "dark"), "the page is " + (dark ? "dark" : "light") + " where one asks for " + scheme);
  }

  // --- keyboard, width, links ---
  function focus() {
    all("a[href], button, input, summary, [tabindex='0']").forEach(function (element) {
      if (!shown(element)) return;
      element.focus({ preventScroll: true });
      var is = style(element), name = element.tagName + " " + (element.id || element.textContent.trim().slice(0, 20));
      expect(page.activeElement === element, name + ": takes no focus");
      expect(is.outlineStyle !== "none" && parseFloat(is.outlineWidth) >= 2, name + ": focus does not show");
    });
    all("*").forEach(function (element) {
      var is = style(element);
      expect(!(/auto|scroll/.test(is.overflowX) && element.scrollWidth > element.clientWidth) || element.tabIndex === 0 ||
             element.querySelector("a, button"), element.tagName + " " + (element.id || element.className) +
             ": scrolls, but not by the keyboard");
    });
  }
  function width() {
    var root = page.documentElement;
    expect(root.scrollWidth <= root.clientWidth, "the page is " + root.scrollWidth + " wide in a window of " + root.clientWidth);
  }
  function links() {
    all("a[href]").forEach(function (link) {
      var href = link.getAttribute("href");
      expect(!/^[a-z]+:/.test(href) || /^data:/.test(href), href + ": leaves the report");
      expect(href[0] !== "#" || page.getElementById(href.slice(1)), href + ": leads nowhere");
    });
    var ids = all("[id]").map(function (element) { return element.id; });
    ids.forEach(function (id, i) { expect(ids.indexOf(id) === i, "two are called " + id); });
    expect(view.performance.getEntriesByType("resource").length === 0, "the page loads something");
  }

  function structure() {
    return all("h1, h2, h3, table, figure").map(function (element) {
      if (element.tagName === "TABLE") {
        return "table " + element.id + ": " + all("thead th", element).length + " columns, " + element.tBodies[0].rows.length +
               " rows" + (element.className ? ", " + element.className : "");
      }
      if (element.tagName === "FIGURE") return "figure " + element.id + ": " + tips(element).length + " tooltips";
      return element.tagName.toLowerCase() + " " + element.textContent.trim();
    });
  }

  var made = structure();
  all("details").forEach(function (details) { details.open = true; });
  all("table.sortable").forEach(function (table) { sorts(table); filters(table); });
  all("figure").forEach(function (figure) { drawn(figure); pointAt(figure); });
  legible();
  focus();
  width();
  links();
  return faults.concat(made, "done").join("\n") + "\n";
}
