package org.parley.persistence.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.CompletionStage;
import org.parley.core.spi.EpochStore;

/** Epochs from a sequence, which gives no number twice whatever becomes of its transaction. */
final class Epochs implements EpochStore {
  private final RequestPool pool;

  Epochs(RequestPool pool) {
    this.pool = pool;
  }

  @Override
  public CompletionStage<Long> next() {
    return pool.query(
        c -> {
          try (PreparedStatement select = c.prepareStatement("SELECT nextval('node_epochs')");
              ResultSet rows = select.executeQuery()) {
            if (!rows.next()) throw new SQLException("the sequence node_epochs is gone");
            return rows.getLong(1);
          }
        });
  }
}
