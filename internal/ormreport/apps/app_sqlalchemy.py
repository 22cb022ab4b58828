# The same change as one writes it with SQLAlchemy. PORT and DATABASE_URL tell
# where it listens and where its store is, ISOLATION the level of its
# transactions ("": the store's own).
import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from sqlalchemy import Column, Integer, String, create_engine, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, declarative_base
from sqlalchemy.orm.exc import StaleDataError

url = os.environ['DATABASE_URL']
on_pg = url.startswith('postgres')
options = {'isolation_level': os.environ['ISOLATION']} if os.environ.get('ISOLATION') else {}
engine = create_engine(url.replace('postgres://', 'postgresql+psycopg2://').replace('mysql://', 'mysql+pymysql://'), pool_size=10, **options)
Base = declarative_base()


class Item(Base):
    __tablename__ = 'items'
    id = Column(String(99), primary_key=True)
    stock = Column(Integer, nullable=False)


class Versioned(Base):
    __tablename__ = 'versioned'
    id = Column(String(99), primary_key=True)
    stock = Column(Integer, nullable=False)
    version = Column(Integer, nullable=False)
    __mapper_args__ = {'version_id_col': version}


class Order(Base):
    __tablename__ = 'orders2'
    id = Column(Integer, primary_key=True)
    item = Column(String(99), nullable=False)
    n = Column(Integer, nullable=False)


class Tag(Base):
    __tablename__ = 'tags2'
    name = Column(String(99), primary_key=True)
    n = Column(Integer, nullable=False)


Base.metadata.create_all(engine)


def save(s, model, id, n, **how):
    i = s.get(model, id, **how)
    i.stock -= n
    s.commit()


def create(s, model, at, id, n):
    if s.execute(select(model).where(at == id)).scalars().first() is None:
        s.add(model(**{at.key: id, 'n': n}))
        s.commit()


def add(s, id, n):
    s.execute(update(Item).where(Item.id == id).values(stock=Item.stock - n).execution_options(synchronize_session=False))
    s.commit()


kinds = {
    'save': lambda s, id, n: save(s, Item, id, n),
    'lock': lambda s, id, n: save(s, Item, id, n, with_for_update=True),
    'version': lambda s, id, n: save(s, Versioned, id, n),
    'add': add,
    'create': lambda s, id, n: create(s, Order, Order.item, id, n),
    'unique': lambda s, id, n: create(s, Tag, Tag.name, id, n),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def send(self, status, body):
        out = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    def do_GET(self):
        id = self.path.split('/')[-1]
        if not id:
            return self.send(200, {})
        with Session(engine) as s:
            i, v = s.get(Item, id), s.get(Versioned, id)
            if i is None:
                return self.send(404, {})
            orders = sorted(o.n for o in s.execute(select(Order).where(Order.item == id)).scalars())
            tag = s.get(Tag, id)
            self.send(200, {'stock': i.stock, 'versioned': v.stock, 'orders': orders, 'tag': tag.n if tag else None})

    def do_POST(self):
        _, kind, id = self.path.split('/')
        body = json.loads(self.rfile.read(int(self.headers.get('Content-Length') or 0)) or b'{}')
        try:
            with Session(engine) as s:
                if kind == 'items':
                    s.add_all([Item(id=id, stock=body['stock']), Versioned(id=id, stock=body['stock'])])
                    s.commit()
                    return self.send(201, {})
                kinds[kind](s, id, body['n'])
            self.send(200, {})
        except (StaleDataError, IntegrityError):
            self.send(409, {})
        except Exception as e:
            self.send(503, {'error': type(e).__name__})


ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
