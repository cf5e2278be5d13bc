-- A page of the catalogue, written by hand as one statement: the same JSON as the server's answer, made by PostgreSQL.
-- It is helped where it can be: by primary key, without counting the list, without asking who may see what.
WITH page AS (
    SELECT id, organization_id, content
    FROM service
    WHERE publishing = 'PUBLISHED' AND id > $1
    ORDER BY id
    LIMIT 21
)
SELECT json_build_object('data', json_build_object('services', json_build_object(
    'nodes', json_agg(json_build_object(
        'id', rtrim(translate(encode(convert_to('Service:' || replace(s.id::text, '-', ''), 'UTF8'), 'base64'), '+/', '-_'), '='),
        'name', json_build_object('text', s.content #> '{name,fi}'),
        'summary', json_build_object('text', s.content #> '{summary,fi}'),
        'form', s.content -> 'form',
        'provision', s.content -> 'provision',
        'chargeType', s.content -> 'chargeType',
        'supportNeeds', coalesce(s.content -> 'supportNeeds', '[]'),
        'organization', json_build_object('name', json_build_object('text', o.content #> '{name,fi}')),
        'offerings', json_build_object('nodes', f.nodes)
    ) ORDER BY s.id),
    'pageInfo', json_build_object('hasNextPage', (SELECT count(*) FROM page) > 20)
)))::text
FROM (SELECT * FROM page ORDER BY id LIMIT 20) s
JOIN organization o ON o.id = s.organization_id
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object(
        'id', rtrim(translate(encode(convert_to('ServiceOffering:' || replace(f.id::text, '-', ''), 'UTF8'), 'base64'), '+/', '-_'), '='),
        'freePlaces', greatest((f.content ->> 'capacity')::int - f.places_taken, 0),
        'venue', CASE WHEN v.id IS NOT NULL THEN json_build_object(
            'name', json_build_object('text', v.content #> '{name,fi}'),
            'address', v.content -> 'address'
        ) END,
        'sessions', json_build_object('nodes', x.nodes)
    ) ORDER BY f.id), '[]') AS nodes
    FROM service_offering f
    LEFT JOIN venue v ON v.id = (f.content ->> 'venue')::uuid AND v.status IN ('AGREED', 'IN_USE')
    CROSS JOIN LATERAL (
        SELECT coalesce(json_agg(json_build_object(
            'startsAt', to_char(n.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'endsAt', to_char(n.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'state', n.state
        ) ORDER BY n.starts_at, n.id), '[]') AS nodes
        FROM (
            SELECT id, starts_at, ends_at, state
            FROM session
            WHERE offering_id = f.id AND ends_at > $2
            ORDER BY starts_at, id
            LIMIT 3
        ) n
    ) x
    WHERE f.service_id = s.id AND f.publishing = 'PUBLISHED'
) f
