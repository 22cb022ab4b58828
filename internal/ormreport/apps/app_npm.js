// The same change as one writes it with Sequelize, TypeORM and Knex. PORT and
// DATABASE_URL tell where it listens and where its store is, FRAMEWORK which of
// them is used, ISOLATION the level of its transactions ("": the store's own).
require('reflect-metadata')
const http = require('http')
const url = process.env.DATABASE_URL, onPG = url.startsWith('postgres'), level = process.env.ISOLATION || undefined
class Refused extends Error {}
async function body (r) { let s = ''; for await (const c of r) s += c; return s ? JSON.parse(s) : {} }

// sql runs a text with ? in it, beside the frameworks: for tables and reads.
const raw = onPG
  ? new (require('pg').Pool)({ connectionString: url, max: 4 })
  : require('mysql2/promise').createPool({ uri: url, connectionLimit: 4 })
async function sql (text, ...args) {
  if (!onPG) return (await raw.query(text, args))[0]
  let n = 0
  return (await raw.query(text.replace(/\?/g, () => '$' + ++n), args)).rows
}

function sequelize () {
  const { Sequelize, DataTypes, OptimisticLockError } = require('sequelize')
  const s = new Sequelize(url, { logging: false, pool: { max: 10 } })
  const columns = { id: { type: DataTypes.STRING(99), primaryKey: true }, stock: DataTypes.INTEGER }
  const Item = s.define('item', columns, { timestamps: false, tableName: 'items' })
  const Versioned = s.define('versioned', columns, { timestamps: false, tableName: 'items', version: true })
  const Order = s.define('order', { item: DataTypes.STRING, n: DataTypes.INTEGER }, { timestamps: false, tableName: 'orders' })
  const Tag = s.define('tag', { name: { type: DataTypes.STRING(99), primaryKey: true }, n: DataTypes.INTEGER }, { timestamps: false, tableName: 'tags' })
  const save = async (M, id, n, o) => { const i = await M.findByPk(id, o); i.stock -= n; await i.save(o) }
  const tx = (f) => s.transaction({ isolationLevel: level }, f)
  return {
    save: (id, n) => save(Item, id, n, {}),
    tx: (id, n) => tx(t => save(Item, id, n, { transaction: t })),
    lock: (id, n) => tx(t => save(Item, id, n, { transaction: t, lock: t.LOCK.UPDATE })),
    add: (id, n) => Item.decrement('stock', { by: n, where: { id } }),
    version: async (id, n) => {
      try { await save(Versioned, id, n, {}) } catch (e) { throw e instanceof OptimisticLockError ? new Refused() : e }
    },
    create: (id, n) => Order.findOrCreate({ where: { item: id }, defaults: { n } }),
    unique: (id, n) => Tag.findOrCreate({ where: { name: id }, defaults: { n } })
  }
}

function typeorm () {
  const { DataSource, EntitySchema } = require('typeorm')
  const columns = { id: { type: String, primary: true }, stock: { type: Number } }
  const Item = new EntitySchema({ name: 'Item', tableName: 'items', columns })
  const Versioned = new EntitySchema({ name: 'Versioned', tableName: 'items', columns: { ...columns, version: { type: Number, version: true } } })
  const ds = new DataSource({ type: onPG ? 'postgres' : 'mysql', url, entities: [Item, Versioned], synchronize: false, extra: onPG ? { max: 10 } : { connectionLimit: 10 } })
  const ready = ds.initialize()
  const save = async (m, M, id, n, o = {}) => { const i = await m.findOne(M, { where: { id }, ...o }); i.stock -= n; await m.save(M, i) }
  const tx = (f) => level ? ds.transaction(level, f) : ds.transaction(f)
  return {
    ready,
    save: (id, n) => save(ds.manager, Item, id, n),
    tx: (id, n) => tx(m => save(m, Item, id, n)),
    lock: (id, n) => tx(m => save(m, Item, id, n, { lock: { mode: 'pessimistic_write' } })),
    add: (id, n) => ds.manager.decrement(Item, { id }, 'stock', n),
    version: (id, n) => save(ds.manager, Versioned, id, n)
  }
}

function knex () {
  const k = require('knex')({ client: onPG ? 'pg' : 'mysql2', connection: url, pool: { min: 0, max: 10 } })
  const save = async (q, id, n, lock) => {
    const read = q('items').where({ id }).first('stock')
    const i = await (lock ? read.forUpdate() : read)
    await q('items').where({ id }).update({ stock: i.stock - n })
  }
  const tx = (f) => k.transaction(f, level && { isolationLevel: level.toLowerCase() })
  const first = async (table, at, row) => { if (!await k(table).where(at).first('n')) await k(table).insert({ ...at, ...row }) }
  return {
    save: (id, n) => save(k, id, n),
    tx: (id, n) => tx(t => save(t, id, n)),
    lock: (id, n) => tx(t => save(t, id, n, true)),
    add: (id, n) => k('items').where({ id }).decrement('stock', n),
    create: (id, n) => first('orders', { item: id }, { n }),
    merge: (id, n) => k('tags').insert({ name: id, n }).onConflict('name').merge({ n: k.raw('tags.n + ?', [n]) })
  }
}

async function main () {
  const auto = onPG ? 'serial' : 'int auto_increment'
  await sql('create table if not exists items(id varchar(99) primary key, stock int not null, version int not null default 0)')
  await sql(`create table if not exists orders(id ${auto} primary key, item varchar(99) not null, n int not null)`)
  await sql('create table if not exists tags(name varchar(99) primary key, n int not null)')
  const kinds = { sequelize, typeorm, knex }[process.env.FRAMEWORK]()
  await kinds.ready
  http.createServer(async (q, r) => {
    const send = (c, d) => { r.writeHead(c, { 'content-type': 'application/json' }); r.end(JSON.stringify(d)) }
    try {
      const [, kind, id] = q.url.split('/')
      if (q.method === 'GET') {
        if (!id) return send(200, {})
        const [i] = await sql('select stock from items where id = ?', id)
        if (!i) return send(404, {})
        const orders = await sql('select n from orders where item = ? order by n', id)
        const tags = await sql('select n from tags where name = ?', id)
        return send(200, { stock: i.stock, orders: orders.map(o => o.n), tags: tags.map(t => t.n) })
      }
      const b = await body(q)
      if (kind === 'items') { await sql('insert into items(id, stock) values (?, ?)', id, b.stock); return send(201, {}) }
      await kinds[kind](id, b.n)
      send(200, {})
    } catch (e) { send(e instanceof Refused ? 409 : 503, { error: e.name }) }
  }).listen(+process.env.PORT, '127.0.0.1')
}
main()
