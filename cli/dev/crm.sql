-- A small CRM to ask about: about 12,400 customers, their orders and their tickets. All made up.
-- The same numbers give the same people every time, so that an example in the documentation stays true.
create table customers (
  id int primary key,
  name text not null,
  email text not null unique,
  phone text,
  country text not null,
  segment text not null,
  created_at timestamptz not null
);

create table orders (
  id int primary key,
  customer_id int not null references customers,
  placed_at timestamptz not null,
  total numeric(12, 2) not null,
  currency text not null,
  status text not null
);
create index on orders (customer_id);

create table tickets (
  id int primary key,
  customer_id int not null references customers,
  opened_at timestamptz not null,
  subject text not null,
  body text not null,
  closed boolean not null
);
create index on tickets (customer_id);

insert into customers
select
  n,
  first || ' ' || last,
  lower(first) || '.' || lower(last) || '.' || n || '@example.com',
  case when n % 9 = 0 then null else '+41 44 555 ' || to_char(n % 10000, 'FM0000') end,
  (array['CH', 'DE', 'AT', 'FR', 'IT', 'NL', 'SE', 'US'])[1 + (n * 7) % 8],
  (array['private', 'private', 'small business', 'enterprise'])[1 + (n * 11) % 4],
  timestamptz '2023-01-01 08:00:00+00' + (n * 97 % 34000) * interval '1 hour'
from generate_series(1, 12400) as n,
  lateral (
    select
      (array['Ada', 'Bruno', 'Chiara', 'Deniz', 'Elif', 'Farid', 'Greta', 'Hugo', 'Ines', 'Jonas', 'Klara', 'Luca',
             'Mila', 'Noah', 'Olga', 'Pia', 'Quentin', 'Rosa', 'Samir', 'Tilda'])[1 + n % 20] as first,
      (array['Abel', 'Baumann', 'Conti', 'Dupont', 'Egger', 'Fischer', 'Graf', 'Huber', 'Imhof', 'Jensen', 'Keller',
             'Lang', 'Meier', 'Novak', 'Okafor', 'Peters', 'Rossi', 'Schmid', 'Thoma'])[1 + (n / 20) % 19] as last
  ) as names;

insert into orders
select
  n,
  1 + (n * 7919) % 12400,
  timestamptz '2024-01-01 09:00:00+00' + (n * 31 % 25000) * interval '1 hour',
  (1000 + (n * 7331) % 250000) / 100.0,
  (array['CHF', 'EUR', 'EUR', 'USD'])[1 + n % 4],
  (array['paid', 'paid', 'paid', 'shipped', 'refunded'])[1 + n % 5]
from generate_series(1, 31000) as n;

insert into tickets
select
  n,
  1 + (n * 3571) % 12400,
  timestamptz '2025-01-01 10:00:00+00' + (n * 13 % 15000) * interval '1 hour',
  (array['Invoice', 'Delivery', 'Change of address', 'Cancellation'])[1 + n % 4],
  'Dear team, I write about my order ' || (1 + (n * 17) % 31000) || '. Please call me back.',
  n % 3 <> 0
from generate_series(1, 4000) as n;

create view customer_overview as
select c.id, c.country, c.segment, c.email as contact, count(o.id) as orders, coalesce(sum(o.total), 0) as revenue
from customers c left join orders o on o.customer_id = c.id
group by c.id;

-- Only these two roles read it, and neither can write, create or keep a temporary table.
revoke all on schema public from public;
grant usage on schema public to crm_describe, crm_export;
-- EXPLAIN asks for the same privileges as running the statement would, and the planner reads the statistics of
-- the tables; so the describe role, too, may SELECT. That it only ever looks is the action's doing.
grant select on all tables in schema public to crm_describe, crm_export;
