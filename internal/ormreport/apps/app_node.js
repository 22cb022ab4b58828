// An application as one writes it with node-postgres: the same change in four
// ways. PORT and DATABASE_URL tell where it listens and where its store is.
const http = require('http'), { Pool } = require('pg')
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
async function body (r) { let s = ''; for await (const c of r) s += c; return s ? JSON.parse(s) : {} }
async function tx (lock, id, n) {
  const c = await pool.connect()
  try {
    await c.query('begin')
    const x = await c.query('select stock from items where id=$1' + lock, [id])
    if (x.rows[0].stock < n) { await c.query('rollback'); return null }
    await c.query('update items set stock=$2 where id=$1', [id, x.rows[0].stock - n])
    await c.query('insert into orders(item,n) values($1,$2)', [id, n])
    await c.query('commit')
    return x.rows[0].stock - n
  } catch (e) { await c.query('rollback'); throw e } finally { c.release() }
}
http.createServer(async (q, r) => {
  const send = (c, d) => { r.writeHead(c, { 'content-type': 'application/json' }); r.end(JSON.stringify(d)) }
  try {
    const [, kind, id] = q.url.split('/')
    if (q.method === 'GET') {
      if (!id) return send(200, {})
      const x = await pool.query('select stock from items where id=$1', [id])
      return send(x.rowCount ? 200 : 404, x.rows[0] || {})
    }
    const b = await body(q)
    if (kind === 'items') { await pool.query('insert into items(id,stock) values($1,$2)', [id, b.stock]); return send(201, {}) }
    if (kind === 'naive') {
      const x = await pool.query('select stock from items where id=$1', [id])
      if (x.rows[0].stock < b.n) return send(409, {})
      await pool.query('update items set stock=$2 where id=$1', [id, x.rows[0].stock - b.n])
      return send(200, { left: x.rows[0].stock - b.n })
    }
    if (kind === 'checked') {
      const x = await pool.query('update items set stock=stock-$2 where id=$1 and stock>=$2 returning stock', [id, b.n])
      return x.rowCount ? send(200, { left: x.rows[0].stock }) : send(409, {})
    }
    if (kind === 'tx' || kind === 'forupdate') {
      const left = await tx(kind === 'tx' ? '' : ' for update', id, b.n)
      return left === null ? send(409, {}) : send(200, { left })
    }
    send(404, {})
  } catch (e) { send(500, { error: e.message }) }
}).listen(+process.env.PORT, '127.0.0.1')
