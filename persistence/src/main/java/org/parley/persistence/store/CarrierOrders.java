package org.parley.persistence.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.CarrierOrder;
import org.parley.core.spi.CarrierOrderStore;

/** Operators' orders in {@code carrier_orders}, a row for each carrier that ever had one. */
final class CarrierOrders implements CarrierOrderStore {
  private final RequestPool pool;

  CarrierOrders(RequestPool pool) {
    this.pool = pool;
  }

  @Override
  public CompletionStage<Void> keep(String carrier, Standing standing) {
    return pool.query(
            c -> {
              try (PreparedStatement upsert =
                  c.prepareStatement(
                      "INSERT INTO carrier_orders AS kept (carrier, order_name, at)"
                          + " VALUES (?, ?, ?) ON CONFLICT (carrier) DO UPDATE"
                          + " SET order_name = excluded.order_name, at = excluded.at"
                          + " WHERE kept.at < excluded.at")) {
                upsert.setString(1, carrier);
                upsert.setString(2, standing.order().name());
                upsert.setObject(3, standing.at().atOffset(ZoneOffset.UTC));
                return upsert.executeUpdate();
              }
            })
        .thenAccept(rows -> {});
  }

  @Override
  public CompletionStage<Map<String, Standing>> standing() {
    return pool.query(
        c -> {
          Map<String, Standing> standing = new HashMap<>();
          try (PreparedStatement select =
                  c.prepareStatement("SELECT carrier, order_name, at FROM carrier_orders");
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              CarrierOrder order = CarrierOrder.valueOf(rows.getString(2));
              OffsetDateTime at = rows.getObject(3, OffsetDateTime.class);
              standing.put(rows.getString(1), new Standing(order, at.toInstant()));
            }
          }
          return standing;
        });
  }
}
