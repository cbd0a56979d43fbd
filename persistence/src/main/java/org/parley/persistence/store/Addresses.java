package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.Channel;
import org.parley.core.spi.AddressBook;

/**
 * The address book in {@code customer_addresses}. An address mostly belongs to one customer; when
 * several share it, their communications say who was contacted last, through this channel.
 */
public final class Addresses implements AddressBook {
  private static final int MOST = 20;

  /** Of an address that half the world shares, only so many customers are looked at. */
  private static final int LOOKED_AT = 200;

  private static final String LAST_CONTACTED =
      """
      SELECT a.customer_id FROM unnest(?::text[]) AS a(customer_id)
      LEFT JOIN LATERAL (
        SELECT max(granted_at) AS at FROM communications c
        WHERE c.customer_id = a.customer_id AND c.tenant = ? AND c.channel = ?
      ) AS contacted ON true
      ORDER BY contacted.at DESC NULLS LAST, a.customer_id LIMIT ?
      """;

  private final RequestPool pool;

  Addresses(RequestPool pool) {
    this.pool = pool;
  }

  /**
   * The form in which email addresses are compared: all of it in lower case. Domains are the same
   * in either case (RFC 5321, section 2.4); of local parts only their server could say, and people
   * who answer from "Anna@" are those that "anna@" was written to.
   */
  public static String comparable(String email) {
    return email.toLowerCase(Locale.ROOT);
  }

  @Override
  public CompletionStage<List<String>> customers(String tenant, Channel channel, String address) {
    return pool.byIndex(
        c -> {
          List<String> known = known(c, tenant, channel, address);
          return known.size() < 2 ? known : lastContacted(c, tenant, channel, known);
        });
  }

  private static List<String> known(Connection c, String tenant, Channel channel, String address)
      throws SQLException {
    boolean email = channel == Channel.EMAIL;
    try (PreparedStatement select =
        c.prepareStatement(
            "SELECT customer_id FROM customer_addresses WHERE "
                + (email ? "email" : "phone")
                + " = ? AND tenant = ? LIMIT ?")) {
      select.setString(1, email ? comparable(address) : address);
      select.setString(2, tenant);
      select.setInt(3, LOOKED_AT);
      return texts(select);
    }
  }

  private static List<String> lastContacted(
      Connection c, String tenant, Channel channel, List<String> customers) throws SQLException {
    try (PreparedStatement select = c.prepareStatement(LAST_CONTACTED)) {
      new Columns(c, select, 1).texts(customers, customer -> customer);
      select.setString(2, tenant);
      select.setString(3, channel.label());
      select.setInt(4, MOST);
      return texts(select);
    }
  }

  private static List<String> texts(PreparedStatement select) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) texts.add(rows.getString(1));
    }
    return texts;
  }
}
