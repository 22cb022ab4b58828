(function () {
  'use strict';
  // Everything here only adds to a page that is complete without it.
  var each = function (list, f) { Array.prototype.forEach.call(list, f); };
  var make = function (name, text, cls) {
    var e = document.createElement(name);
    if (text) e.textContent = text;
    if (cls) e.className = cls;
    return e;
  };

  // Closed details are not printed by older browsers.
  var opened = [];
  addEventListener('beforeprint', function () {
    opened = [];
    each(document.querySelectorAll('details:not([open])'), function (d) { d.open = true; opened.push(d); });
  });
  addEventListener('afterprint', function () { opened.forEach(function (d) { d.open = false; }); });

  // Tables sort by a click on the head of a column.
  var number = function (cell) {
    var m = /-?[\d.]+/.exec(cell.textContent.replace(/,/g, ''));
    return m ? parseFloat(m[0]) : NaN;
  };
  each(document.querySelectorAll('table.sort'), function (table) {
    var body = table.tBodies[0];
    each(table.tHead.rows[0].cells, function (th, col) {
      var b = make('button', th.textContent);
      b.type = 'button';
      th.textContent = '';
      th.appendChild(b);
      var down = true;
      b.addEventListener('click', function () {
        each(table.tHead.rows[0].cells, function (o) { o.removeAttribute('aria-sort'); });
        th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        var rows = Array.prototype.slice.call(body.rows);
        rows.sort(function (x, y) {
          var a = number(x.cells[col]), c = number(y.cells[col]);
          var text = x.cells[col].textContent.localeCompare(y.cells[col].textContent);
          var d = col < 2 || isNaN(a) && isNaN(c) ? text : isNaN(a) ? -1 : isNaN(c) ? 1 : a - c;
          return down ? -d : d;
        });
        rows.forEach(function (r) { body.appendChild(r); });
        down = !down;
      });
    });
  });

  // Commands can be copied, where the browser lets us.
  if (navigator.clipboard && isSecureContext) {
    each(document.querySelectorAll('pre'), function (pre) {
      var b = make('button', 'Copy');
      b.type = 'button';
      b.addEventListener('click', function () {
        navigator.clipboard.writeText(pre.textContent).then(
          function () { b.textContent = 'Copied'; },
          function () { b.textContent = 'Not allowed here'; });
      });
      pre.parentNode.insertBefore(b, pre.nextSibling);
    });
  }

  // Charts: a cursor that reads the row of the table beside the chart, by
  // pointer or by the arrow keys; and strategies that can be hidden.
  var NS = 'http://www.w3.org/2000/svg';
  each(document.querySelectorAll('figure'), function (fig) {
    var svg = fig.querySelector('svg.chart');
    if (!svg) return;
    var box = svg.parentNode;
    toggles(fig, svg, box);
    var xs = (svg.getAttribute('data-xs') || '').split(',').filter(Boolean).map(Number);
    var table = fig.querySelector('details table');
    if (!xs.length || !table) return;
    var head = table.tHead.rows[0].cells, rows = table.tBodies[0].rows;
    var n = Math.min(xs.length, rows.length), at = -1;
    var view = svg.viewBox.baseVal;
    var rule = document.createElementNS(NS, 'line');
    rule.setAttribute('class', 'cross off');
    rule.setAttribute('y1', 24);
    rule.setAttribute('y2', view.height - 40);
    rule.setAttribute('stroke', '#57606a');
    svg.appendChild(rule);
    var live = make('p', '', 'live');
    live.setAttribute('aria-live', 'polite');
    fig.insertBefore(live, box.nextSibling);
    live.textContent = 'Point at the chart, or focus it and use the arrow keys, to read values.';
    var show = function (i) {
      if (i < 0 || i >= n) return;
      at = i;
      rule.setAttribute('x1', xs[i]);
      rule.setAttribute('x2', xs[i]);
      rule.classList.remove('off');
      var text = head[0].textContent + ' ' + rows[i].cells[0].textContent;
      for (var c = 1; c < rows[i].cells.length; c++) text += ' · ' + head[c].textContent + ' ' + rows[i].cells[c].textContent;
      live.textContent = text;
    };
    var hide = function () { at = -1; rule.classList.add('off'); live.textContent = ''; };
    svg.addEventListener('pointermove', function (ev) {
      var r = svg.getBoundingClientRect(), x = (ev.clientX - r.left) / r.width * view.width, best = 0;
      for (var i = 1; i < n; i++) if (Math.abs(xs[i] - x) < Math.abs(xs[best] - x)) best = i;
      if (best !== at) show(best);
    });
    svg.addEventListener('pointerleave', hide);
    box.addEventListener('keydown', function (ev) {
      var to = { ArrowLeft: at < 0 ? n - 1 : Math.max(0, at - 1), ArrowRight: Math.min(n - 1, at + 1), Home: 0, End: n - 1 }[ev.key];
      if (ev.key === 'Escape') { hide(); box.blur(); }
      if (to === undefined) return;
      ev.preventDefault();
      show(to);
    });
  });

  function toggles(fig, svg, box) {
    var names = {}, order = [];
    each(svg.querySelectorAll('g[data-s] > text'), function (t) {
      var s = t.parentNode.getAttribute('data-s');
      if (s >= 0 && !names[s]) { names[s] = t.textContent; order.push(s); }
    });
    order.sort(function (a, b) { return a - b; });
    if (order.length < 2 || !svg.classList.contains('lines')) return;
    var bar = make('div');
    order.forEach(function (s) {
      var b = make('button', names[s]);
      b.type = 'button';
      b.setAttribute('aria-pressed', 'true');
      b.addEventListener('click', function () {
        var on = b.getAttribute('aria-pressed') !== 'true';
        b.setAttribute('aria-pressed', String(on));
        each(svg.querySelectorAll('g[data-s="' + s + '"]'), function (g) { g.classList.toggle('off', !on); });
      });
      bar.appendChild(b);
    });
    fig.insertBefore(bar, box);
  }
})();
