"""The sealed columns of people and places, and the statements that seal them again."""

from typing import Final, LiteralString

from interpreters.domain.sealed_columns import Column, Table

# $1 network_id, $2 after network_id, $3 limit
READ_NETWORKS: Final[LiteralString] = """
    SELECT n.network_id, n.sealed_check, n.push_key, n.receipt_key FROM networks n
    WHERE n.network_id = $1 AND n.network_id > $2 ORDER BY n.network_id LIMIT $3
"""
# $1 network_id, $2 its key: the same, $3 to $5 new, $6 to $8 old
WRITE_NETWORKS: Final[LiteralString] = """
    UPDATE networks AS n SET sealed_check = $3, push_key = $4, receipt_key = $5
    WHERE n.network_id = $1 AND n.network_id = $2 AND n.sealed_check IS NOT DISTINCT FROM $6
      AND n.push_key IS NOT DISTINCT FROM $7 AND n.receipt_key IS NOT DISTINCT FROM $8
"""
# $1 network_id, $2 after id, $3 limit
READ_INTERPRETERS: Final[LiteralString] = """
    SELECT i.id, i.phone, i.email, i.stage_reason FROM interpreters i
    WHERE i.network_id = $1 AND i.id > $2 ORDER BY i.id LIMIT $3
"""
# $1 network_id, $2 id, $3 to $5 new, $6 and $7 marks, $8 to $10 old
WRITE_INTERPRETERS: Final[LiteralString] = """
    UPDATE interpreters AS i
    SET phone = $3, email = $4, stage_reason = $5, phone_mark = $6, email_mark = $7
    WHERE i.network_id = $1 AND i.id = $2 AND i.phone IS NOT DISTINCT FROM $8
      AND i.email IS NOT DISTINCT FROM $9 AND i.stage_reason IS NOT DISTINCT FROM $10
"""
# $1 network_id, $2 after id, $3 limit
READ_USERS: Final[LiteralString] = """
    SELECT u.id, u.display_name, u.phone, u.email FROM users u
    WHERE u.network_id = $1 AND u.id > $2 ORDER BY u.id LIMIT $3
"""
# $1 network_id, $2 id, $3 to $5 new, $6 and $7 marks, $8 to $10 old
WRITE_USERS: Final[LiteralString] = """
    UPDATE users AS u
    SET display_name = $3, phone = $4, email = $5, phone_mark = $6, email_mark = $7
    WHERE u.network_id = $1 AND u.id = $2 AND u.display_name IS NOT DISTINCT FROM $8
      AND u.phone IS NOT DISTINCT FROM $9 AND u.email IS NOT DISTINCT FROM $10
"""
# $1 network_id, $2 after id, $3 limit
READ_SITES: Final[LiteralString] = """
    SELECT s.id, s.address, s.phone, s.email FROM sites s
    WHERE s.network_id = $1 AND s.id > $2 ORDER BY s.id LIMIT $3
"""
# $1 network_id, $2 id, $3 to $5 new, $6 to $8 old
WRITE_SITES: Final[LiteralString] = """
    UPDATE sites AS s SET address = $3, phone = $4, email = $5
    WHERE s.network_id = $1 AND s.id = $2 AND s.address IS NOT DISTINCT FROM $6
      AND s.phone IS NOT DISTINCT FROM $7 AND s.email IS NOT DISTINCT FROM $8
"""
# $1 network_id, $2 after id, $3 limit
READ_CREDENTIALS: Final[LiteralString] = """
    SELECT c.id, c.number FROM credentials c
    WHERE c.network_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 old
WRITE_CREDENTIALS: Final[LiteralString] = """
    UPDATE credentials AS c SET number = $3
    WHERE c.network_id = $1 AND c.id = $2 AND c.number IS NOT DISTINCT FROM $4
"""
# $1 network_id, $2 after id, $3 limit
READ_ATTEMPTS: Final[LiteralString] = """
    SELECT a.id, a.recipient FROM sign_in_attempts a
    WHERE a.network_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 mark, $5 old
WRITE_ATTEMPTS: Final[LiteralString] = """
    UPDATE sign_in_attempts AS a SET recipient = $3, person_mark = $4
    WHERE a.network_id = $1 AND a.id = $2 AND a.recipient = $5
"""
# $1 network_id, $2 after id, $3 limit
READ_PROVIDERS: Final[LiteralString] = """
    SELECT p.id, p.client_secret FROM identity_providers p
    WHERE p.network_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 old
WRITE_PROVIDERS: Final[LiteralString] = """
    UPDATE identity_providers AS p SET client_secret = $3
    WHERE p.network_id = $1 AND p.id = $2 AND p.client_secret IS NOT DISTINCT FROM $4
"""
# $1 network_id, $2 after id, $3 limit
READ_PASSKEYS: Final[LiteralString] = """
    SELECT p.id, p.name FROM passkeys p
    WHERE p.network_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 old
WRITE_PASSKEYS: Final[LiteralString] = """
    UPDATE passkeys AS p SET name = $3
    WHERE p.network_id = $1 AND p.id = $2 AND p.name IS NOT DISTINCT FROM $4
"""
# $1 network_id, $2 after id, $3 limit
READ_SUBSCRIPTIONS: Final[LiteralString] = """
    SELECT p.id, p.subscription FROM push_subscriptions p
    WHERE p.network_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 mark, $5 old
WRITE_SUBSCRIPTIONS: Final[LiteralString] = """
    UPDATE push_subscriptions AS p SET subscription = $3, mark = $4
    WHERE p.network_id = $1 AND p.id = $2 AND p.subscription = $5
"""
# $1 network_id, $2 after interpreter_id, $3 limit
READ_CALENDARS: Final[LiteralString] = """
    SELECT c.interpreter_id, c.url FROM external_calendars c
    WHERE c.network_id = $1 AND c.interpreter_id > $2 ORDER BY c.interpreter_id LIMIT $3
"""
# $1 network_id, $2 interpreter_id, $3 new, $4 old
WRITE_CALENDARS: Final[LiteralString] = """
    UPDATE external_calendars AS c SET url = $3
    WHERE c.network_id = $1 AND c.interpreter_id = $2 AND c.url = $4
"""

PHONE: Final = Column("phone", mark="phone_mark")
EMAIL: Final = Column("email", mark="email_mark", folded=True)
PEOPLE: Final = (
    Table(
        "networks", (Column("sealed_check"), Column("push_key"), Column("receipt_key")),
        READ_NETWORKS, WRITE_NETWORKS,
    ),
    Table(
        "interpreters", (PHONE, EMAIL, Column("stage_reason")),
        READ_INTERPRETERS, WRITE_INTERPRETERS,
    ),
    Table("users", (Column("display_name"), PHONE, EMAIL), READ_USERS, WRITE_USERS),
    Table(
        "sites", (Column("address"), Column("phone"), Column("email")), READ_SITES, WRITE_SITES
    ),
    Table("credentials", (Column("number"),), READ_CREDENTIALS, WRITE_CREDENTIALS),
    Table(
        "sign_in_attempts", (Column("recipient", mark="person_mark"),),
        READ_ATTEMPTS, WRITE_ATTEMPTS,
    ),
    Table("identity_providers", (Column("client_secret"),), READ_PROVIDERS, WRITE_PROVIDERS),
    Table("passkeys", (Column("name"),), READ_PASSKEYS, WRITE_PASSKEYS),
    Table(
        "push_subscriptions", (Column("subscription", mark="mark"),),
        READ_SUBSCRIPTIONS, WRITE_SUBSCRIPTIONS,
    ),
    Table("external_calendars", (Column("url"),), READ_CALENDARS, WRITE_CALENDARS),
)  # fmt: skip
