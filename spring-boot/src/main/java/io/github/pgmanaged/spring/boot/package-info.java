/** A managed connection for Spring Boot: one dependency, one property. */
@NullMarked
package io.github.pgmanaged.spring.boot;

import org.jspecify.annotations.NullMarked;
