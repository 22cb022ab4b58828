# The same change as one writes it with ActiveRecord. PORT and DATABASE_URL tell
# where it listens and where its store is, ISOLATION the level of its
# transactions ("": the store's own).
require 'active_record'
require 'json'
require 'webrick'

url = ENV.fetch('DATABASE_URL').sub('mysql://', 'mysql2://').sub('postgres://', 'postgresql://')
ActiveRecord::Base.establish_connection(url + (url.include?('?') ? '&' : '?') + 'pool=10')
level = ENV['ISOLATION'].to_s.empty? ? {} : { isolation: ENV['ISOLATION'].downcase.tr(' ', '_').to_sym }

ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  create_table(:items3, id: false, if_not_exists: true) { |t| t.string :id, limit: 99, primary_key: true; t.integer :stock, null: false }
  create_table(:versioned3, id: false, if_not_exists: true) { |t| t.string :id, limit: 99, primary_key: true; t.integer :stock, null: false; t.integer :lock_version, null: false, default: 0 }
  create_table(:orders3, if_not_exists: true) { |t| t.string :item, limit: 99, null: false; t.integer :n, null: false }
  create_table(:tags3, id: false, if_not_exists: true) { |t| t.string :name, limit: 99, primary_key: true; t.integer :n, null: false }
end
class Item < ActiveRecord::Base; self.table_name = 'items3'; end
class Versioned < ActiveRecord::Base; self.table_name = 'versioned3'; end
class Order < ActiveRecord::Base; self.table_name = 'orders3'; end
class Tag < ActiveRecord::Base; self.table_name = 'tags3'; self.primary_key = 'name'; end
class Once < ActiveRecord::Base; self.table_name = 'orders3'; validates_uniqueness_of :item; end
[Item, Versioned, Order, Tag, Once].each(&:columns) # what a table looks like is asked once, not in a request

save = ->(model, id, n) { i = model.find(id); i.stock -= n; i.save! }
KINDS = {
  'save' => ->(id, n) { save.(Item, id, n) },
  'tx' => ->(id, n) { Item.transaction(**level) { save.(Item, id, n) } },
  'lock' => ->(id, n) { Item.transaction(**level) { i = Item.lock.find(id); i.stock -= n; i.save! } },
  'add' => ->(id, n) { Item.update_counters(id, stock: -n) },
  'version' => ->(id, n) { save.(Versioned, id, n) },
  'create' => ->(id, n) { Order.find_or_create_by!(item: id) { |o| o.n = n } },
  'validates' => ->(id, n) { Once.create!(item: id, n: n) },
  'unique' => ->(id, n) { Tag.create_or_find_by!(name: id) { |t| t.n = n } }
}

server = WEBrick::HTTPServer.new(BindAddress: '127.0.0.1', Port: ENV.fetch('PORT').to_i, AccessLog: [], Logger: WEBrick::Log.new(File::NULL))
server.mount_proc('/') do |q, r|
  _, kind, id = q.path.split('/')
  r['Content-Type'] = 'application/json'
  begin
    if q.request_method == 'GET'
      next r.body = '{}' if id.nil?
      i = Item.find_by(id: id)
      next r.status = 404 if i.nil?
      r.body = { stock: i.stock, versioned: Versioned.find(id).stock, orders: Order.where(item: id).pluck(:n).sort, tags: Tag.where(name: id).pluck(:n) }.to_json
    else
      b = JSON.parse(q.body || '{}')
      if kind == 'items'
        Item.create!(id: id, stock: b['stock'])
        Versioned.create!(id: id, stock: b['stock'])
        r.status = 201
      else
        KINDS.fetch(kind).(id, b['n'])
      end
      r.body = '{}'
    end
  rescue ActiveRecord::StaleObjectError, ActiveRecord::RecordInvalid, ActiveRecord::RecordNotUnique
    r.status, r.body = 409, '{}'
  rescue StandardError => e
    r.status, r.body = 503, { error: e.class.name }.to_json
  ensure
    ActiveRecord::Base.clear_active_connections!
  end
end
trap('TERM') { server.shutdown }
server.start
