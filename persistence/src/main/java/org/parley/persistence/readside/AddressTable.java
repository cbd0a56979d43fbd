package org.parley.persistence.readside;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import org.parley.core.spi.Change;
import org.parley.persistence.store.Addresses;
import org.parley.persistence.store.Columns;

/** Writes where customers can be reached. */
final class AddressTable {
  // A campaign's audience mostly repeats what is known: that is read, and nothing is written.
  private static final String UPSERT =
      """
      INSERT INTO customer_addresses AS a (tenant, customer_id, email, phone)
      SELECT u.tenant, u.customer_id, u.email, u.phone
      FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS u(tenant, customer_id, email, phone)
      LEFT JOIN LATERAL (
        SELECT email, phone FROM customer_addresses
        WHERE customer_id = u.customer_id AND tenant = u.tenant OFFSET 0) k ON true
      WHERE (k.email, k.phone) IS DISTINCT FROM (u.email, u.phone)
      ON CONFLICT (customer_id, tenant) DO UPDATE SET email = excluded.email, phone = excluded.phone
      """;

  private AddressTable() {}

  static void put(Connection c, Collection<Change.AddressesKnown> rows) throws SQLException {
    if (rows.isEmpty()) return;
    try (PreparedStatement upsert = c.prepareStatement(UPSERT)) {
      new Columns(c, upsert, 1)
          .texts(rows, Change.AddressesKnown::tenant)
          .texts(rows, Change.AddressesKnown::customerId)
          .textsIfAny(rows, row -> row.email().map(Addresses::comparable))
          .textsIfAny(rows, Change.AddressesKnown::phone);
      upsert.executeUpdate();
    }
  }
}
