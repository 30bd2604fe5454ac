"""The same summary in DuckDB, on the rows that Postgres has: python duck.py FOLDER ROUNDS.

FOLDER holds exposures.csv and events.csv. Prints a line of JSON: seconds per round, and the sums.
"""

import json
import sys
import time

import duckdb

folder, rounds = sys.argv[1], int(sys.argv[2])
db = duckdb.connect()
db.execute(f"""create table exposures as select * from read_csv('{folder}/exposures.csv', header = false,
    columns = {{'arm': 'INTEGER', 'user_key': 'VARCHAR', 'seen': 'TIMESTAMP'}})""")
db.execute(f"""create table events as select * from read_csv('{folder}/events.csv', header = false,
    columns = {{'user_key': 'VARCHAR', 'name': 'VARCHAR', 'value': 'DOUBLE', 'seen': 'TIMESTAMP'}})""")
QUERY = """
with units as (
    select user_key, min(arm) as arm, max(arm) as last, min(seen) as first_at from exposures group by user_key
), totals as (
    select u.user_key, u.arm,
        count(*) filter (where name = 'signup' and e.seen >= first_at and e.seen < first_at + interval 7 day) as c1,
        count(*) filter (where name = 'visit' and e.seen >= first_at) as c2,
        coalesce(sum(value) filter (where name = 'purchase' and e.seen >= first_at), 0) as c3,
        coalesce(sum(value) filter (where name = 'purchase' and e.seen >= first_at), 0) as c4,
        count(*) filter (where name = 'visit' and e.seen >= first_at) as d4,
        count(*) filter (where name = 'visit' and e.seen >= first_at + interval 1 day
            and e.seen < first_at + interval 8 day) as c5
    from units u join events e using (user_key) where u.arm = u.last group by u.user_key, u.arm
), sums as (
    select arm, sum(least(c1, 1)) as s1, sum(c2) as s2, sum(c2 * c2) as q2, sum(c3) as s3, sum(c3 * c3) as q3,
        sum(c4) as s4, sum(c4 * c4) as q4, sum(d4) as d4, sum(d4 * d4) as dq4, sum(c4 * d4) as cd4,
        sum(least(c5, 1)) as s5
    from totals group by arm
), arms as (
    select arm, count(*) as exposed from units where arm = last group by arm
)
select arms.arm, exposed, s1, s2, q2, s3, q3, s4, q4, d4, dq4, cd4, s5
from arms join sums using (arm) order by arms.arm
"""
seconds = []
for _ in range(rounds):
    started = time.perf_counter()
    rows = db.execute(QUERY).fetchall()
    seconds.append(time.perf_counter() - started)
print(json.dumps({"seconds": seconds, "version": duckdb.__version__,
                  "rows": [[float(value) for value in row] for row in rows]}))
