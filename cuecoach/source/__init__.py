"""SOURCE: where frames come from. Camera, film and virtual runner give pictures, a landmark recording pose frames."""
