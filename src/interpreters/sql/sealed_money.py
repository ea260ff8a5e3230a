"""The sealed columns about money, and the statements that seal them again."""

from typing import Final, LiteralString

from interpreters.domain.sealed_columns import FIRST, Column, Table

# $1 network_id, $2 after id, $3 limit
READ_DISPUTES: Final[LiteralString] = """
    SELECT d.id, d.reason, d.answer FROM disputes d
    WHERE d.network_id = $1 AND d.id > $2 ORDER BY d.id LIMIT $3
"""
# $1 network_id, $2 id, $3 and $4 new, $5 and $6 old
WRITE_DISPUTES: Final[LiteralString] = """
    UPDATE disputes AS d SET reason = $3, answer = $4
    WHERE d.network_id = $1 AND d.id = $2 AND d.reason IS NOT DISTINCT FROM $5
      AND d.answer IS NOT DISTINCT FROM $6
"""
# $1 network_id, $2 after booking_id, $3 and rated_by, $4 limit
READ_RATINGS: Final[LiteralString] = """
    SELECT r.booking_id, r.rated_by, r.note FROM ratings r
    WHERE r.network_id = $1 AND (r.booking_id, r.rated_by) > ($2, $3)
    ORDER BY r.booking_id, r.rated_by LIMIT $4
"""
# $1 network_id, $2 booking_id, $3 rated_by, $4 new, $5 old
WRITE_RATINGS: Final[LiteralString] = """
    UPDATE ratings AS r SET note = $4
    WHERE r.network_id = $1 AND r.booking_id = $2 AND r.rated_by = $3
      AND r.note IS NOT DISTINCT FROM $5
"""
# $1 network_id, $2 after id, $3 limit
READ_TIME_CHANGES: Final[LiteralString] = """
    SELECT t.id, t.reason FROM time_changes t
    WHERE t.network_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 old
WRITE_TIME_CHANGES: Final[LiteralString] = """
    UPDATE time_changes AS t SET reason = $3
    WHERE t.network_id = $1 AND t.id = $2 AND t.reason IS NOT DISTINCT FROM $4
"""
# $1 network_id, $2 after id, $3 limit
READ_STATEMENTS: Final[LiteralString] = """
    SELECT s.id, s.reason FROM statements s
    WHERE s.network_id = $1 AND s.id > $2 ORDER BY s.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 old
WRITE_STATEMENTS: Final[LiteralString] = """
    UPDATE statements AS s SET reason = $3
    WHERE s.network_id = $1 AND s.id = $2 AND s.reason IS NOT DISTINCT FROM $4
"""
# $1 network_id, $2 after id, $3 limit
READ_EXPENSES: Final[LiteralString] = """
    SELECT e.id, e.receipt, e.note FROM expenses e
    WHERE e.network_id = $1 AND e.id > $2 ORDER BY e.id LIMIT $3
"""
# $1 network_id, $2 id, $3 and $4 new, $5 and $6 old
WRITE_EXPENSES: Final[LiteralString] = """
    UPDATE expenses AS e SET receipt = $3, note = $4
    WHERE e.network_id = $1 AND e.id = $2 AND e.receipt IS NOT DISTINCT FROM $5
      AND e.note IS NOT DISTINCT FROM $6
"""
# $1 network_id, $2 after booking_id, $3 limit
READ_RECEIPTS: Final[LiteralString] = """
    SELECT r.booking_id, r.terms FROM receipts r
    WHERE r.network_id = $1 AND r.booking_id > $2 ORDER BY r.booking_id LIMIT $3
"""
# $1 network_id, $2 booking_id, $3 new, $4 old
WRITE_RECEIPTS: Final[LiteralString] = """
    UPDATE receipts AS r SET terms = $3
    WHERE r.network_id = $1 AND r.booking_id = $2 AND r.terms IS NOT DISTINCT FROM $4
"""

MONEY: Final = (
    Table("disputes", (Column("reason"), Column("answer")), READ_DISPUTES, WRITE_DISPUTES),
    Table("ratings", (Column("note"),), READ_RATINGS, WRITE_RATINGS, begin=(FIRST, "")),
    Table("time_changes", (Column("reason"),), READ_TIME_CHANGES, WRITE_TIME_CHANGES),
    Table("statements", (Column("reason"),), READ_STATEMENTS, WRITE_STATEMENTS),
    Table("expenses", (Column("receipt"), Column("note")), READ_EXPENSES, WRITE_EXPENSES),
    Table("receipts", (Column("terms"),), READ_RECEIPTS, WRITE_RECEIPTS),
)
