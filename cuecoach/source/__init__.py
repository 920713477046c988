"""Where pictures come from: camera, film, virtual runner give frames; a landmark recording gives pose frames."""
