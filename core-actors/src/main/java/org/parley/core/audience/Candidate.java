package org.parley.core.audience;

import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Profile;
import org.parley.core.check.NotAcceptable;
import org.parley.core.check.ProfileCheck;
import org.parley.core.spi.Member;

/**
 * What one row says of a customer, gathered field by field and then judged as a whole. An empty
 * value is the same as none. Used again for each row.
 */
final class Candidate {
  private final ProfileCheck check;
  private final Instant asOf;
  private final EnumMap<Column, String> own = new EnumMap<>(Column.class);
  private final Map<String, String> attributes = new LinkedHashMap<>();

  Candidate(ProfileCheck check, Instant asOf) {
    this.check = check;
    this.asOf = asOf;
  }

  void clear() {
    own.clear();
    attributes.clear();
  }

  void put(Column column, String value) {
    own.put(column, value);
  }

  /** Adds an attribute whose name is known to be good. */
  void attribute(String name, String value) throws NotAcceptable {
    if (value.isEmpty()) return;
    try {
      ProfileCheck.checkAttributeValue(value);
    } catch (NotAcceptable e) {
      throw new NotAcceptable(name + " " + e.reason());
    }
    attributes.put(name, value);
  }

  /** The names of the attributes that are there. */
  Set<String> attributeNames() {
    return attributes.keySet();
  }

  /** The member that stands on a line. */
  Member member(long line) throws NotAcceptable {
    String customerId = customerId();
    Profile profile =
        new Profile(
            normal(Column.EMAIL),
            normal(Column.PHONE),
            normal(Column.TIME_ZONE),
            normal(Column.LOCALE),
            attributes,
            asOf);
    if (profile.email().isEmpty() && profile.phone().isEmpty()) {
      throw new NotAcceptable("has neither email nor phone, so nothing could reach this customer");
    }
    if (attributes.size() > ProfileCheck.MAX_ATTRIBUTES) {
      throw new NotAcceptable("has more than " + ProfileCheck.MAX_ATTRIBUTES + " attributes");
    }
    return new Member(line, customerId, profile);
  }

  private String customerId() throws NotAcceptable {
    String id = own.getOrDefault(Column.CUSTOMER_ID, "");
    if (id.isEmpty()) throw new NotAcceptable("customerId is missing");
    if (!CustomerKey.isValidId(id)) {
      throw new NotAcceptable(
          "customerId must be 1 to 128 characters without white space, control characters or '|'");
    }
    try {
      ProfileCheck.checkText(id);
    } catch (NotAcceptable e) {
      throw new NotAcceptable("customerId " + e.reason());
    }
    return id;
  }

  private Optional<String> normal(Column column) throws NotAcceptable {
    String value = own.getOrDefault(column, "");
    if (value.isBlank()) return Optional.empty();
    try {
      return Optional.of(normalise(column, value));
    } catch (NotAcceptable e) {
      throw new NotAcceptable(column.label() + " " + e.reason());
    }
  }

  private String normalise(Column column, String value) throws NotAcceptable {
    return switch (column) {
      case CUSTOMER_ID -> value;
      case EMAIL -> check.email(value);
      case PHONE -> check.phone(value);
      case TIME_ZONE -> check.timeZone(value);
      case LOCALE -> check.locale(value);
    };
  }
}
