package org.parley.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.io.IOException;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Refusal;

/** Says in plain words what is wrong with a JSON body, and where, as an RFC 6901 pointer. */
final class JsonFaults {
  private JsonFaults() {}

  /** The body is the literal {@code null}. */
  static Fault nothing() {
    return invalid(new Refusal.Problem("", "must be an object"));
  }

  static Fault of(IOException failure) {
    if (failure instanceof JsonMappingException mapping
        && mapping.getCause() instanceof InputCoercionException number) {
      // A number that is too large for its field: well-formed, and in the wrong place.
      return invalid(
          new Refusal.Problem(pointer(mapping), "must be " + kind(number.getTargetType())));
    }
    if (failure instanceof JsonMappingException mapping
        && !(mapping.getCause() instanceof JsonProcessingException)) {
      return invalid(new Refusal.Problem(pointer(mapping), describe(mapping)));
    }
    if (failure instanceof JsonProcessingException syntax) return malformed(syntax);
    return Fault.badBody("malformedJson", "The body is not JSON in UTF-8.", List.of());
  }

  private static Fault malformed(JsonProcessingException failure) {
    JsonProcessingException root =
        failure.getCause() instanceof JsonProcessingException inner ? inner : failure;
    String pointer = failure instanceof JsonMappingException mapping ? pointer(mapping) : "";
    String what =
        root instanceof StreamConstraintsException
            ? "is longer or deeper than allowed"
            : duplicate(root).orElse("is not JSON");
    return Fault.badBody(
        "malformedJson",
        "The body is not well-formed JSON" + place(root.getLocation()) + ".",
        List.of(new Refusal.Problem(pointer, what + place(root.getLocation()))));
  }

  private static Optional<String> duplicate(JsonProcessingException failure) {
    String message = Objects.requireNonNullElse(failure.getOriginalMessage(), "");
    return message.startsWith("Duplicate field")
        ? Optional.of("has a field twice")
        : Optional.empty();
  }

  private static String place(@Nullable JsonLocation at) {
    if (at == null || at.getLineNr() < 1) return "";
    return " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
  }

  private static Fault invalid(Refusal.Problem place) {
    String where = place.pointer().isEmpty() ? "The body" : place.pointer();
    return Fault.badBody("invalidBody", where + " " + place.detail() + ".", List.of(place));
  }

  private static String describe(JsonMappingException failure) {
    if (failure instanceof UnrecognizedPropertyException unknown) {
      return "is not a known field; known are " + names(unknown.getKnownPropertyIds());
    }
    if (failure instanceof InvalidNullException) return "must not be null";
    String message = Objects.requireNonNullElse(failure.getOriginalMessage(), "");
    if (message.startsWith("Null value for creator property")
        || message.startsWith("Cannot map `null`")) {
      return "is required";
    }
    if (message.startsWith("Trailing token")) return "is followed by more than one JSON value";
    if (message.startsWith("Duplicate field")) return "has a field twice";
    if (failure instanceof ValueInstantiationException value
        && value.getCause() instanceof IllegalArgumentException cause
        && cause.getMessage() != null) {
      return "is not allowed: " + cause.getMessage();
    }
    Class<?> target =
        failure instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
    if (failure instanceof InvalidFormatException && target != null && target.isEnum()) {
      return "must be one of " + constants(target);
    }
    return "must be " + kind(target);
  }

  private static String names(@Nullable Collection<Object> known) {
    if (known == null || known.isEmpty()) return "none";
    return known.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  private static String constants(Class<?> type) {
    List<String> names = new ArrayList<>();
    for (Field field : type.getFields()) {
      JsonProperty name = field.getAnnotation(JsonProperty.class);
      if (field.isEnumConstant()) names.add(name != null ? name.value() : field.getName());
    }
    return String.join(", ", names);
  }

  private static String kind(@Nullable Class<?> target) {
    if (target == null) return "something else";
    if (target.isEnum()) return "one of " + constants(target);
    if (target == Instant.class) return "a time in ISO 8601, such as 2026-12-01T09:00:00Z";
    if (target == Duration.class) return "a duration in ISO 8601, such as P2D or PT30M";
    if (target == LocalTime.class) return "a time of day, such as 09:00";
    if (target == String.class) return "a text";
    if (target == boolean.class || target == Boolean.class) return "true or false";
    if (target == int.class || target == Integer.class) return "a whole number of at most 32 bits";
    if (target == long.class || target == Long.class) return "a whole number";
    if (Collection.class.isAssignableFrom(target)) return "an array";
    if (Map.class.isAssignableFrom(target) || target.isRecord()) return "an object";
    return "something else";
  }

  /** The place of a fault (RFC 6901, section 3). */
  private static String pointer(JsonMappingException failure) {
    StringBuilder pointer = new StringBuilder();
    for (JsonMappingException.Reference step : failure.getPath()) {
      String name = step.getFieldName();
      pointer.append('/');
      if (name == null) pointer.append(step.getIndex());
      else pointer.append(name.replace("~", "~0").replace("/", "~1"));
    }
    return pointer.toString();
  }
}
