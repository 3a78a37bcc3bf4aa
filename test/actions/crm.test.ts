import postgres from "postgres";
import { expect, inject, test } from "vitest";
import { seedCrm } from "../../cli/dev/crm.ts";

const superuserUrl = inject("postgresUrl");

test("several starts at once make one CRM, and hand out the same URLs", async () => {
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => seedCrm(superuserUrl)));
  expect(second).toEqual(first);
  expect(third).toEqual(first);
  const sql = postgres(first?.exportUrl ?? "", { max: 1 });
  const [row] =
    await sql`select count(*)::int as customers, min(email) filter (where id = 7) as seventh from customers`;
  expect(row).toEqual({ customers: 12_400, seventh: "hugo.abel.7@example.com" });
  const [estimate] = await sql`select reltuples::int as rows from pg_class where relname = 'customers'`;
  expect(estimate).toEqual({ rows: 12_400 });
  await sql.end();
});

test.each(["describeUrl", "exportUrl"] as const)("the role of %s can read the CRM and change nothing", async (url) => {
  const crm = await seedCrm(superuserUrl);
  const sql = postgres(crm[url], { max: 1 });
  await sql`set default_transaction_read_only = off`;
  expect(await sql`select id from customer_overview where id = 7`).toHaveLength(1);
  await expect(sql`delete from customers`).rejects.toThrow("permission denied");
  await expect(sql`create table public.mine (id int)`).rejects.toThrow("permission denied");
  await expect(sql`create temporary table mine (id int)`).rejects.toThrow("permission denied");
  await expect(sql`set role postgres`).rejects.toThrow("permission denied");
  await sql.end();
});
