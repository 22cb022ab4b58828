create table items(id text primary key, stock int not null);
create table orders(id serial primary key, item text not null, n int not null);
create table tags(name text primary key, n int not null);
