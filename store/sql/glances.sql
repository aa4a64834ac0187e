-- look --
-- The oldest event and the oldest report that wait for each number; numbers for which nothing waits are left out.
SELECT n.number, event.received_at, report.id
FROM unnest(
    %(numbers)b::uuid[], %(slots)b::int2[], %(sinces)b::timestamptz[], %(firsts)b::int8[]
) AS n (number, slot, since, first)
LEFT JOIN LATERAL (
    SELECT received_at FROM inbox
    WHERE number_id = n.number AND slot = n.slot AND done_at IS NULL AND received_at >= n.since
    ORDER BY received_at LIMIT 1
) AS event ON true
LEFT JOIN LATERAL (
    SELECT id FROM receipts
    WHERE number_id = n.number AND slot = n.slot AND id >= n.first AND id <> ALL(%(unknown)b::int8[])
    ORDER BY id LIMIT 1
) AS report ON true
WHERE event.received_at IS NOT NULL OR report.id IS NOT NULL
