package org.parley.ops;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes audiences of made-up customers; the same number gives the same file. */
final class CustomerCsv {
  private static final String[] FIRST = {
    "Ada", "Bruno", "Chloé", "Dilnoza", "Émile", "Fatima", "Göran", "Hana", "Ivo", "José", "Kenji",
    "Léa", "Mateo", "Nkechi", "Oksana", "Paula", "Quinn", "Ravi", "Søren", "Tala", "Uma", "Vera",
    "Wei", "Ximena", "Yusuf", "Zoë"
  };
  private static final String[] LAST = {
    "Abara", "Brandt", "Costa", "D'Amico", "Eriksen", "Fournier", "Goto", "Hassan", "Ibarra",
    "Janssen", "Kowalski", "Lindqvist", "Moreau", "Novák", "O'Dea", "Petrov", "Quiroga", "Rao",
    "Silva", "Tanaka", "Ueda", "Varga", "Weiss", "Xu", "Yılmaz", "Zimmer"
  };
  private static final String[] ZONE = {
    "Europe/Berlin",
    "America/New_York",
    "Asia/Tokyo",
    "America/Sao_Paulo",
    "Africa/Lagos",
    "Asia/Kolkata",
    "Australia/Sydney",
    "Europe/London"
  };
  private static final String[] LOCALE = {
    "de-DE", "en-US", "ja-JP", "pt-BR", "en-NG", "en-IN", "en-AU", "en-GB"
  };
  private static final String[] CITY = {
    "Berlin", "New York", "Tokyo", "São Paulo", "Lagos", "Kolkata", "Sydney", "London"
  };
  private static final String[] PLAN = {"free", "plus", "pro"};

  private CustomerCsv() {}

  /** Writes a header and this many customers, {@code c-0001} and so on. */
  static void write(Path file, long count) throws IOException {
    write(file, 1, count);
  }

  /** Writes a header and this many customers, beginning with the {@code first}th. */
  static void write(Path file, long first, long count) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      out.write("customerId,email,timeZone,locale,firstName,lastName,city,plan\n");
      for (long n = first; n < first + count; n++) out.write(row(n));
    }
  }

  /** The same with a column of telephone numbers, none of which asks a sandbox for a fault. */
  static void writeWithPhones(Path file, long first, long count) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      out.write("customerId,email,timeZone,locale,firstName,lastName,city,plan,phone\n");
      for (long n = first; n < first + count; n++) {
        out.write(row(n).stripTrailing() + "," + phone(n) + "\n");
      }
    }
  }

  /** The number of the n-th customer, in E.164 form. */
  private static String phone(long n) {
    return "+4917" + "0".repeat(Math.max(0, 8 - Long.toString(n).length())) + n + "55";
  }

  /** The row of the n-th customer, with its line end. */
  static String row(long n) {
    int place = (int) (n % ZONE.length);
    return String.join(
        ",",
        id(n),
        "c" + n + "@shop" + n % 50 + ".example",
        ZONE[place],
        LOCALE[place],
        FIRST[(int) (n * 7 % FIRST.length)],
        LAST[(int) (n / FIRST.length * 5 % LAST.length)],
        CITY[place],
        PLAN[(int) (n % PLAN.length)] + "\n");
  }

  /** The id of the n-th customer, counted from 1. */
  static String id(long n) {
    String digits = Long.toString(n);
    return "c-" + "0".repeat(Math.max(0, 4 - digits.length())) + digits;
  }
}
